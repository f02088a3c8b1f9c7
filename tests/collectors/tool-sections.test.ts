import { expect, test } from 'vitest'
import { parseSections, toolScript } from '../../src/collectors/tool-sections.ts'
import { runInShell } from './shell-context.ts'

const endOf = async (body: string): Promise<number | null | undefined> => {
  const script = toolScript('test.part', `begin\npart one 1 sh -c '${body}'\nfinish`)
  const answer = await runInShell({ script, timeoutMs: 20_000 }, { PATH: '/usr/local/bin:/usr/bin:/bin' })
  const parsed = parseSections(answer.stdout)
  return parsed.is === 'sections' ? parsed.sections.get('one')?.code : undefined
}

test.each([
  ['took too long', 'sleep 60', 124],
  ['took too long and would not end', 'trap "" TERM; while :; do sleep 1; done', 124],
  ['was killed by somebody else, in time', 'kill -9 $$', 137],
])('a part that %s says so', async (_, body, code) => {
  expect(await endOf(body)).toBe(code)
})
