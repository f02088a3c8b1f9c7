import { afterEach, beforeEach, expect, test } from 'vitest'
import * as z from 'zod'
import type { CliDeps } from '../../../src/cli/deps.ts'
import { EXIT, usageError } from '../../../src/core/errors.ts'
import { parseRobotArgv } from '../../../src/core/robot-argv.ts'
import { queries } from '../../../src/queries/index.ts'
import { vc } from '../fake-cli.ts'
import { fakeReader, newHome } from '../fake-cockpit.ts'

type Shape = Readonly<Record<string, z.ZodType>>

let home: ReturnType<typeof newHome>
beforeEach(() => {
  home = newHome()
})
afterEach(() => home.leave())

const robot = async (argv: readonly string[], robotAnswer?: CliDeps['robotAnswer']) => {
  const { reader, closed } = fakeReader()
  const questions: unknown[][] = []
  const parts: Partial<CliDeps> = {
    ...home.parts,
    openReader: async () => reader,
    robotAnswer:
      robotAnswer ??
      (async (_ask, ...question) => {
        questions.push(question)
        return { text: '{"ok":true}\n', exit: EXIT.stale }
      }),
  }
  const said = await vc(['robot', ...argv], parts)
  return { ...said, questions, closed: closed() }
}

test('topic, id, parameters and format reach the robot; its text and exit code come back as they are', async () => {
  const said = await robot(['machine', 'atlas', '--since', '7d', '--format', 'toon', '--require-fresh'])
  expect(said).toEqual({
    exit: 3,
    out: '{"ok":true}\n',
    err: '',
    closed: 1,
    questions: [['machine', 'toon', { since: '7d', 'require-fresh': 'true', id: 'atlas' }]],
  })
})

test('json is the format when none is named', async () => {
  expect((await robot(['health'])).questions).toEqual([['health', 'json', {}]])
  expect((await robot(['health', '--json'])).questions).toEqual([['health', 'json', {}]])
})

test('a question that cannot be read is refused before anybody is asked', async () => {
  const said = await robot(['machine', 'atlas', 'borg'])
  expect(said).toMatchObject({ exit: 2, out: '', closed: 0, questions: [] })
  expect(said.err).toContain('fix: vc robot <topic>')
  expect((await robot([])).exit).toBe(2)
})

test('what is wrong with a question is said by its word', async () => {
  const why = async (...argv: string[]) => (await robot(argv)).err.split('\n')[0]
  expect(await why('machine', 'atlas', 'borg')).toBe("vc: 'borg' is one word too many behind 'machine atlas'")
  expect(await why('sessions', '--since')).toBe('vc: --since needs a value')
  expect(await why('sessions', '-x')).toBe("vc: '-x' is no option of a topic")
})

test('every parameter of a topic that is yes or no stands without a value', () => {
  for (const { name, params } of queries)
    for (const [key, type] of Object.entries(params instanceof z.ZodObject ? (params.shape as Shape) : {}))
      if (type.safeParse(true).success && !type.safeParse('no such thing').success && type.safeParse('yes').success)
        expect(parseRobotArgv(['robot', name, `--${key}`]), `${name} --${key}`).toMatchObject({
          params: { [key]: 'true' },
        })
})

test('what the robot refuses keeps its code, as JSON for who asked for JSON, and the reader is let go', async () => {
  const refuse: CliDeps['robotAnswer'] = async () => {
    throw usageError('unknown_topic', "there is no topic 'helth'", "did you mean 'health'?")
  }
  const said = await robot(['helth', '--json'], refuse)
  expect(said).toMatchObject({ exit: 2, closed: 1 })
  expect(JSON.parse(said.out || said.err)).toMatchObject({ error: { code: 'unknown_topic' } })
})
