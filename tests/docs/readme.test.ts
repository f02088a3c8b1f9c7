import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { essence } from '../../scripts/tour/calm.ts'
import { commands } from '../../src/cli/commands/index.ts'

const ROOT = join(import.meta.dirname, '../..')
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')

test('both commands stand at the top', () => {
  const top = readme.split('\n').slice(0, 12).join('\n')
  expect(top).toMatch(/^npm start /m)
  expect(top).toMatch(/^npm test /m)
})

test('every link leads to a file of the checkout', () => {
  const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path)
  expect(links.length).toBeGreaterThan(5)
  expect(links.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
})

test('every command it names is one', () => {
  const known = new Set(commands.map(({ name }) => name))
  const named = [...readme.matchAll(/^vc ([a-z-]+)/gm)].map(([, name = '']) => name)
  expect(named.length).toBeGreaterThan(5)
  expect(named.filter((name) => !known.has(name))).toEqual([])
})

test('the screen it shows is the real one: every line of it stands in the tour, which is taken by running vc', () => {
  const tour = new Set(readFileSync(join(ROOT, 'docs/TOUR.md'), 'utf8').split('\n').map(essence))
  const screen = /^MACHINE [\s\S]*?(?=^```)/m.exec(readme)?.[0].trim().split('\n') ?? []
  expect(screen.length).toBeGreaterThan(8)
  expect(screen.filter((line) => !tour.has(essence(line)))).toEqual([])
})

test('npx vc answers without words of npm before it, also on the oldest Node that is promised', () => {
  const [, promised = ''] = /^Node >= (\d+) and npm are all it takes/m.exec(readme) ?? []
  expect(Number(promised)).toBeGreaterThanOrEqual(20)
  // "engines" is of the package, which brings no Node along: npm would warn of it at each npx in a checkout.
  expect(readFileSync(join(ROOT, '.npmrc'), 'utf8')).toMatch(/^loglevel=error$/m)
})
