import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { claude } from '../../../src/collectors/claude/index.ts'
import { rowsOf } from './local-machine.ts'
import { createRemoteMachine } from './remote-machine.ts'

/** Root may read everything: then the far side is somebody else. */
const UID = process.getuid?.() === 0 ? 65_534 : undefined

let home = ''
let folder = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-refused-'))
  chmodSync(home, 0o755)
  folder = join(home, '.claude', 'projects', '-w')
  mkdirSync(folder, { recursive: true })
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const transcript = (name: string, ageS: number, text?: string): string => {
  const path = join(folder, `${name}.jsonl`)
  if (text === undefined) copyFileSync('tests/fixtures/claude/session-interactive-2.1.197.jsonl', path)
  else writeFileSync(path, text)
  if (UID !== undefined) chownSync(path, UID, UID)
  utimesSync(path, Date.now() / 1000 - ageS, Date.now() / 1000 - ageS)
  return path
}
const close = (path: string): void => {
  chmodSync(path, 0o000)
  if (UID !== undefined) chownSync(path, 0, 0)
}
const open = (path: string): void => {
  if (UID !== undefined) chownSync(path, UID, UID)
  chmodSync(path, 0o600)
}

test('a transcript that may not be read neither lists everything at each tick nor keeps others waiting', async () => {
  const secret = transcript('11111111-7b03-44cc-9366-87d3e7999509', 3_600, 'x'.repeat(200_000))
  close(secret)
  transcript('7ec95f9a-7b03-44cc-9366-87d3e7999509', 7_200)
  const machine = createRemoteMachine({ HOME: home }, UID)
  const left = (): unknown => (machine.cursors.get('#list') as { bytesLeft: number }).bytesLeft
  const tick = () => machine.collect(claude, { remote_bytes_per_tick: 100_000 })
  await tick()
  expect(rowsOf(await tick(), 'agent_usage')).toHaveLength(3)
  expect(left()).toBe(0)
  const asked = machine.answers.length
  machine.warnings.length = 0
  await tick()
  // one listing of what is new, and nothing to read
  expect(machine.answers.length - asked).toBe(1)
  expect(machine.asked.at(-1)?.args?.[0]).toBe('3')
  expect(machine.warnings.map(({ code }) => code).join()).toContain('denied')
})

test('it is asked for again within the hour, and read when it may be', async () => {
  const path = transcript('7ec95f9a-7b03-44cc-9366-87d3e7999509', 7_200)
  close(path)
  const machine = createRemoteMachine({ HOME: home }, UID)
  expect(rowsOf(await machine.collect(claude), 'agent_usage')).toEqual([])
  open(path)
  expect(rowsOf(await machine.collect(claude), 'agent_usage')).toEqual([])
  machine.wait(3_600_000)
  expect(rowsOf(await machine.collect(claude), 'agent_usage')).toHaveLength(3)
  machine.warnings.length = 0
  await machine.collect(claude)
  expect(machine.warnings).toEqual([])
})
