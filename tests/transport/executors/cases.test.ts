import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Executor, RunResult } from '../../../src/core/executor.ts'
import cases from '../../fleet/cases.json' with { type: 'json' }
import { type Fleet, missingPrograms, startFleet } from './fleet.ts'
import { openOn, request, type SshTransport, text, until } from './ways.ts'

interface Expected {
  readonly ok?: boolean
  readonly class?: string
  readonly not_class?: string
  readonly exit_code?: number
  readonly signal?: string
  readonly stdout?: string
  readonly stderr?: string
  readonly payload?: string
  readonly each?: string
  readonly partial?: boolean
  readonly memory_growth_mb_max?: number
}
interface Case {
  readonly host: string
  readonly command: string
  readonly parallel?: number
  readonly expect: Expected
  readonly within_s: number
  readonly note?: string
}

const lacking = missingPrograms(['sshd', 'ssh', 'ssh-keygen', 'node'])
const rows: readonly Case[] = cases.cases
const specials = [...new Set(rows.map((row) => row.host).filter((host) => !/^m\d+$/.test(host)))]

let fleet: Fleet
beforeAll(async () => {
  if (lacking === null) fleet = await startFleet(2, specials)
})
afterAll(() => fleet?.down())

const check = (ran: RunResult, wanted: Expected): void => {
  const said = `${ran.class}: ${ran.detail}`
  if (wanted.ok !== undefined) expect(ran.class === 'ok', said).toBe(wanted.ok)
  if (wanted.class !== undefined) expect(ran.class, said).toBe(wanted.class)
  if (wanted.not_class !== undefined) expect(ran.class).not.toBe(wanted.not_class)
  if (wanted.exit_code !== undefined) expect(ran.exitCode).toBe(wanted.exit_code)
  if (wanted.signal !== undefined) expect(ran.signal).toBe(wanted.signal)
  if (wanted.stdout !== undefined) expect(text(ran.stdout)).toBe(wanted.stdout)
  if (wanted.each !== undefined) expect(text(ran.stdout)).toBe(wanted.each)
  if (wanted.stderr !== undefined) expect(text(ran.stderr)).toBe(wanted.stderr)
  // Login noise comes first; cutting it off is the frame's work.
  if (wanted.payload !== undefined) expect(text(ran.stdout).endsWith(`\n${wanted.payload}`)).toBe(true)
  if (wanted.partial !== undefined) expect(ran.partial).toBe(wanted.partial)
}

const childrenOf = (special: string): readonly number[] => {
  const file = join(fleet.dir, 'run', `s-${special}.children`)
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : []
}
const running = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

// "within_s" holds on an idle machine; threefold room for a loaded one, plus the ssh binary's own start.
const roomMs = (row: Case): number => row.within_s * 3_000 + 2_000

describe.each(['ssh2', 'openssh'] as const)('sick hosts over %s', (transport: SshTransport) => {
  let executor: Executor | null = null
  afterEach(async () => {
    await executor?.close()
    executor = null
  })
  for (const row of rows) {
    it.skipIf(lacking !== null)(
      `${row.host}: ${row.command}${row.note === undefined ? '' : ` (${row.note})`}`,
      async () => {
        const way = await openOn(fleet, transport, row.host, row.host === 'slow' ? { connectTimeoutMs: 20_000 } : {})
        executor = way
        const before = process.memoryUsage().rss
        const beganAt = performance.now()
        const runs = await Promise.all(Array.from({ length: row.parallel ?? 1 }, () => way.run(request(row.command))))
        expect(performance.now() - beganAt).toBeLessThan(roomMs(row))
        for (const ran of runs) check(ran, row.expect)
        if (row.expect.memory_growth_mb_max !== undefined)
          expect((process.memoryUsage().rss - before) / 1e6).toBeLessThan(row.expect.memory_growth_mb_max)
      },
    )
  }

  it.skipIf(lacking !== null)('leaves no process of a flood behind', async () => {
    executor = await openOn(fleet, transport, 'flood')
    expect((await executor.run(request('anything'))).class).toBe('output_limit')
    await until(() => childrenOf('flood').length > 0 && !childrenOf('flood').some(running), 'the flood ends')
  })

  it.skipIf(lacking !== null)(
    'has its slots free again after more hanging commands than a server has sessions',
    async () => {
      executor = await openOn(fleet, transport, 'hang')
      const way = executor
      const hung = await Promise.all(
        Array.from({ length: 18 }, () => way.run(request('anything', { deadlineMs: 1_500 }))),
      )
      expect(new Set(hung.map((ran) => ran.class))).toEqual(new Set(['timeout']))
      const next = await way.run(request('anything', { deadlineMs: 1_500 }))
      expect(next.class, next.detail ?? '').toBe('timeout')
      expect(next.detail).toMatch(/did not end/)
    },
  )

  it.skipIf(lacking !== null)('never runs a command on a host whose key is not the one on file', async () => {
    for (const host of ['changedkey', 'unknownkey']) {
      executor = await openOn(fleet, transport, host)
      await executor.run(request(`touch ${fleet.dir}/ran-on-${host}`))
      await executor.close()
      expect(existsSync(join(fleet.dir, `ran-on-${host}`))).toBe(false)
    }
  })

  it.skipIf(lacking !== null)('reuses its connection, and makes a new one after losing it', async () => {
    executor = await openOn(fleet, transport, 'drop')
    const runs = [await executor.run(request('true')), await executor.run(request('true'))]
    expect(runs.map((ran) => [ran.class, ran.reusedConnection])).toEqual([
      ['ok', false],
      ['ok', true],
    ])
    expect((await executor.run(request('seq 1 20000'))).class).toBe('connection_lost')
    const after = await executor.run(request('echo back'))
    expect([after.class, after.reusedConnection, text(after.stdout)]).toEqual(['ok', false, 'back\n'])
  })
})
