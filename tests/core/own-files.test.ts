import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownModule, packageFile, programRoot } from '../../src/core/own-files.ts'

const ROOT = join(import.meta.dirname, '../..')

test('a module is found from the sources and from any chunk of the build, wherever the package lies', () => {
  const root = (url: string): string => programRoot(url).href
  expect(root('file:///opt/vc/src/core/own-files.ts')).toBe('file:///opt/vc/src/')
  expect(root('file:///opt/vc/dist/chunks/chunk-AB12.js')).toBe('file:///opt/vc/dist/')
  expect(root('file:///opt/vc/dist/main.js')).toBe('file:///opt/vc/dist/')
  expect(root('file:///home/dist/src/vc/dist/store/query-child.js')).toBe('file:///home/dist/src/vc/dist/')
  expect(root('file:///home/src/dist/vc/src/core/own-files.ts')).toBe('file:///home/src/dist/vc/src/')
})

test('every module that is started by URL is an entry of the build and exists', () => {
  const used = globSync('src/**/*.ts', { cwd: ROOT }).flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8')
    return [...text.matchAll(/ownModule\('([^']+)'\)/g)].map((match) => match[1] ?? '')
  })
  expect(used.filter((path) => path !== 'transport/sqlite-job').length).toBeGreaterThan(2)
  for (const path of used) {
    expect(existsSync(ownModule(path)), path).toBe(true)
    expect(path).toMatch(/(-job|-child|-worker|\/worker)$/)
  }
  expect(existsSync(new URL('0001_spine.sql', `${packageFile('migrations').href}/`))).toBe(true)
})

test('nothing else finds its neighbours by import.meta.url, which is some chunk once bundled', () => {
  const wrong = globSync('src/**/*.ts', { cwd: ROOT }).filter((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8')
    return file !== 'src/core/own-files.ts' && text.includes('import.meta.')
  })
  expect(wrong, 'use ownModule or packageFile of src/core/own-files.ts').toEqual([])
})
