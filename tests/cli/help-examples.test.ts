// Whoever is new copies what stands there: an example that vc does not take is the first thing that goes wrong.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { commands } from '../../src/cli/commands/index.ts'
import type { CliDeps } from '../../src/cli/deps.ts'
import { buildProgram } from '../../src/cli/program.ts'
import { refusalOf } from '../commands/pasted.ts'

const ROOT = join(import.meta.dirname, '../..')

const helpOf = (command: Command): string => {
  const said: string[] = []
  command.configureOutput({ writeOut: (text) => void said.push(text), writeErr: () => undefined }).outputHelp()
  return said.join('')
}

const examplesIn = (help: string): readonly string[] =>
  (/Examples:\n([\s\S]*?)(?:\n\n|$)/.exec(help)?.[1] ?? '').split('\n').flatMap((line) => line.trim() || [])

const all = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(all)]

// What a shell does with its answer is none of vc's business.
const commandOf = (line: string): string =>
  line.replace(/\s+#.*$| {2,}.*$|\s+(?:<<<|[<>|]).*$/g, '').split(' · ')[0] ?? ''

const refused = async (lines: readonly string[]): Promise<readonly string[]> => {
  const wrong: string[] = []
  for (const line of new Set(lines.map(commandOf).filter((one) => one.startsWith('vc ')))) {
    const why = await refusalOf(line)
    if (why !== null) wrong.push(`${line}: ${why}`)
  }
  return wrong
}

test('every command has examples in its help, and takes them', { timeout: 120_000 }, async () => {
  const io = { stdout: {}, stderr: {}, env: {} }
  const deps = { argv: [], entries: commands, version: '1', io } as never as CliDeps
  const program = await buildProgram(commands, deps, 'all')
  const shown = all(program).filter((command) => command.name() !== 'help')
  expect(shown.filter((one) => examplesIn(helpOf(one)).length === 0).map((one) => one.name())).toEqual([])
  expect(await refused(shown.flatMap((one) => examplesIn(helpOf(one))))).toEqual([])
})

test('vc takes every line that a page shows to be typed', { timeout: 120_000 }, async () => {
  const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/*.md', { cwd: ROOT })]
  const blocks = pages.flatMap((page) => [
    ...readFileSync(join(ROOT, page), 'utf8').matchAll(/```(\w*)\n([\s\S]*?)```/g),
  ])
  const lines = blocks.flatMap(([, lang = '', block = '']) => (['', 'sh'].includes(lang) ? block.split('\n') : []))
  expect(lines.filter((line) => line.startsWith('vc ')).length).toBeGreaterThan(30)
  expect(await refused(lines)).toEqual([])
})
