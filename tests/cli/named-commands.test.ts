import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { commands } from '../../src/cli/commands/index.ts'
import type { CliDeps } from '../../src/cli/deps.ts'
import { buildProgram } from '../../src/cli/program.ts'

const ROOT = join(import.meta.dirname, '../..')

// A fix that names a command which does not exist sends its reader from one error into the next.
const NAMED = /(?<![\w/.-])vc ([a-z][a-z-]+)((?: +[^\s'"`:,;()|]+)*)/g

/** Sentences in which the word behind the command is no command. */
const PROSE = new Set(['convoy groups', 'worktree gives', 'daemon has'])

const named = (text: string): readonly RegExpMatchArray[] =>
  text
    .split('\n')
    .filter((line) => !/^\s*(\/\/|\/?\*)/.test(line))
    .flatMap((line) => [...line.replaceAll('\\n', '\n').matchAll(NAMED)])

const troubleOf = (program: Command, [said, top = '', rest = '']: RegExpMatchArray): string | null => {
  const words = rest.trim().split(/ +/)
  const group = program.commands.find((one) => one.name() === top)
  // `vc robot` takes the parameters of its topics as options.
  if (group === undefined || top === 'robot') return null
  const verb = group.commands.find((one) => one.name() === words[0])
  const [word = ''] = words
  if (group.commands.length > 0 && verb === undefined && /^[a-z][a-z-]+$/.test(word) && !PROSE.has(`${top} ${word}`))
    return `“${said}”: vc ${top} has no command ${word}`
  // A verb that is put in when the sentence is said may be any of the group's.
  const verbs = word.startsWith('$') ? group.commands : verb === undefined ? [] : [verb]
  const known = [...verbs, group, program].flatMap((one) => one.options.map((option) => option.long))
  const flags = words.flatMap((one) => /^--[a-z][a-z-]+/.exec(one) ?? []).filter((flag) => flag !== '--help')
  const strange = flags.find((flag) => !known.includes(flag))
  return strange === undefined ? null : `“${said}”: vc ${top} has no option ${strange}`
}

test('every command that a sentence of vc or of its pages names is one', async () => {
  const io = { stdout: {}, stderr: {}, env: {} }
  const program = await buildProgram(
    commands,
    { argv: [], entries: commands, version: '1', io } as never as CliDeps,
    'all',
  )
  const wrong = globSync(['src/**/*.ts', '*.md', 'docs/**/*.md'], { cwd: ROOT }).flatMap((file) =>
    named(readFileSync(join(ROOT, file), 'utf8')).flatMap((match) => {
      const trouble = troubleOf(program, match)
      return trouble === null ? [] : [`${file}: ${trouble}`]
    }),
  )
  expect(wrong).toEqual([])
})
