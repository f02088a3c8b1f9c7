import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { departedRows } from '../../../src/collectors/live/departed.ts'
import type { Row } from '../../../src/core/rows.ts'
import { statHere } from '../../../src/transport/files.ts'
import { contextWith } from '../shell-context.ts'

const NOW = new Date('2026-11-20T12:00:00Z')
const LATER = new Date('2026-11-20T12:00:02Z')

const agent = (pid: number, over: Row = {}): Row => ({
  cli: 'claude',
  pid,
  start_ticks: 991n,
  root_pid: pid,
  detached: false,
  gone: false,
  ...over,
})

const look = (processes: readonly Row[], known: readonly Row[] = [], at = NOW) => {
  const base = contextWith({
    run: () => Promise.reject(new Error('no fork for this')),
    startedAt: at,
    known: { latest_agent_processes: processes },
  })
  return departedRows({ ...base, stat: statHere }, known)
}

/** The pid of a process that ended just now. */
const endedPid = async (): Promise<number> => {
  const child = spawn('sleep', ['60'])
  child.kill('SIGKILL')
  await once(child, 'close')
  return child.pid ?? 0
}

test.runIf(process.platform === 'linux')(
  'who was killed is told by its missing directory, since the first look',
  async () => {
    const pid = await endedPid()
    const [row] = await look([agent(pid), agent(process.pid)])
    expect(row).toMatchObject({
      tier: 'death',
      says: 'dead',
      rule: 'process.left@1',
      pid,
      start_ticks: 991,
      since: NOW,
    })
    expect(await look([agent(pid)], [row ?? {}], LATER)).toMatchObject([
      { subject: `pid:${pid}:991`, as_of: LATER, since: NOW },
    ])
  },
)

test.runIf(process.platform === 'linux')(
  'a tree of which one lives, a server and one already gone are nobody’s death',
  async () => {
    const pid = await endedPid()
    expect(await look([agent(pid), agent(process.pid, { root_pid: pid })])).toEqual([])
    expect(await look([agent(pid, { detached: true })])).toEqual([])
    expect(await look([agent(pid, { gone: true })])).toEqual([])
  },
)

test('where processes have no directories nothing is told', async () => {
  const base = contextWith({
    run: () => Promise.reject(new Error('no')),
    known: { latest_agent_processes: [agent(7)] },
  })
  const stat = async (paths: readonly string[]) => paths.map((path) => ({ path, is: 'missing' as const }))
  expect(await departedRows({ ...base, stat }, [])).toEqual([])
})
