import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { writeOpencodeCorpus } from '../../../bench/corpus/opencode.ts'
import { opencode } from '../../../src/collectors/opencode/index.ts'
import { have, TestMachine } from './machine.ts'

const children: ChildProcess[] = []
const dirs: string[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
})

const homeWith = () => {
  const home = mkdtempSync(join(tmpdir(), 'vc-ocm-'))
  dirs.push(home)
  const truth = (place: string, seed: number) =>
    Object.keys(writeOpencodeCorpus(join(home, place), { seed, sessions: 2, messagesPerSession: 4 }).sessions)
  return { home, moved: truth('own data/opencode', 41), usual: truth('.local/share/opencode', 42) }
}

const started = async (env: Record<string, string>): Promise<number> => {
  const child = spawn('sleep', ['600'], { env: { PATH: process.env.PATH ?? '', ...env }, stdio: 'ignore' })
  children.push(child)
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  return child.pid ?? 0
}

const running = (pid: number) => ({ latest_agent_processes: [{ cli: 'opencode', pid, gone: false }] })

describe.runIf(process.platform === 'linux')('the database of an OpenCode that was started with XDG_DATA_HOME', () => {
  const ways = [
    ['here', (machine: TestMachine) => machine.collect(opencode)],
    ['over ssh', (machine: TestMachine) => machine.collectRemotely(opencode)],
  ] as const

  test.each(have('sqlite3') ? ways : ways.slice(0, 1))(
    '%s is read beside the usual one, and on when it has ended',
    async (_, look) => {
      const { home, moved, usual } = homeWith()
      const machine = new TestMachine({ PATH: process.env.PATH, HOME: home })
      await look(machine)
      expect([...machine.sessions.keys()].sort()).toEqual(expect.arrayContaining(usual))
      expect([...machine.sessions.keys()]).not.toContain(moved[0])
      machine.known = running(await started({ XDG_DATA_HOME: join(home, 'own data'), HOME: home }))
      await look(machine)
      expect([...machine.sessions.keys()].sort()).toEqual([...new Set([...moved, ...usual])].sort())
      machine.known = {}
      writeOpencodeCorpus(join(home, 'own data/opencode'), { seed: 43, sessions: 2, messagesPerSession: 4 })
      const before = machine.sessions.size
      await look(machine)
      expect(machine.sessions.size).toBeGreaterThan(before)
    },
  )

  test('a variable that names no folder changes nothing', async () => {
    const { home, usual } = homeWith()
    const machine = new TestMachine({ PATH: process.env.PATH, HOME: home })
    machine.known = running(await started({ XDG_DATA_HOME: 'relative' }))
    expect(await machine.collect(opencode)).toMatchObject({ fault: null })
    expect([...machine.sessions.keys()].sort()).toEqual([...usual].sort())
  })
})
