import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { collectors } from '../../src/collectors/index.ts'
import type { ScriptAsk } from '../../src/core/ask.ts'
import type { Collector } from '../../src/core/collector.ts'
import type { Executor } from '../../src/core/executor.ts'
import { type Row, rowCount, type ScrapeRun } from '../../src/core/rows.ts'
import { scrapeMachine } from '../../src/daemon/scrape.ts'
import { openAbsences } from '../../src/daemon/scrape-needs.ts'
import { type MachineAsker, openAsker } from '../../src/transport/asker.ts'
import { openReplay } from '../../src/transport/replay.ts'
import { installRecordedTools, RECORDED_TOOLS } from '../fleet/recorded-tools.ts'
import { hasProgram } from '../programs.ts'
import { shMachine } from '../transport/sh-machine.ts'
import { workHere } from './beads/local-world.ts'

// Every script of every collector runs once per look, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 })

const all: readonly Collector[] = collectors

interface Look {
  readonly runs: readonly ScrapeRun[]
  /** Execs of this tick besides those of slow asks. */
  readonly execs: number
  readonly slow: readonly string[]
}

interface Known {
  readonly id: string
  readonly executor: Executor
  readonly tools: ReadonlyMap<string, string>
  readonly rows?: Readonly<Record<string, readonly Row[]>>
}

const askNameOf = ({ script }: ScriptAsk): string => /# vc:ask (\S+)/.exec(script)?.[1] ?? '(unnamed)'

/** The asker of a machine that also tells which asks asked for an exec of their own. */
const watched = (asker: MachineAsker, slow: string[]): MachineAsker => ({
  ...asker,
  beginRun(signal) {
    const run = asker.beginRun(signal)
    const ask = (what: ScriptAsk) => {
      if (what.slow === true) slow.push(askNameOf(what))
      return run.run(what)
    }
    return { ...run, run: ask }
  },
})

/** One machine of the fleet, looked at by the whole registry; each look five minutes after the last, so that all are due. */
const openMachine = ({ id, executor, tools, rows = {} }: Known) => {
  let now = Date.parse('2026-01-02T00:00:00Z')
  const asker = openAsker({ executor, local: false, graceMs: 2_000 })
  const absences = openAbsences()
  const cursors = new Map<string, Map<string, unknown>>()
  const known = new Map<string, readonly Row[]>(Object.entries(rows))
  return async (): Promise<Look> => {
    now += 300_000
    const slow: string[] = []
    const before = asker.stats.execs
    const runs = await scrapeMachine({
      machine: { id, local: false, os: 'Linux', tools },
      collectors,
      asker: watched(asker, slow),
      absences,
      ports: {
        cursors: async (name) => cursors.get(name) ?? new Map(),
        known: async (table) => known.get(table) ?? [],
        options: () => ({}),
        work: workHere,
        now: () => new Date(now),
      },
    })
    for (const run of runs) {
      const mine = cursors.get(run.collector) ?? new Map<string, unknown>()
      for (const { key, value } of run.cursors) mine.set(key, value)
      cursors.set(run.collector, mine)
      for (const { table, rows: brought } of run.batches)
        for (const name of [table, `latest_${table}`]) if (!(name in rows)) known.set(name, brought)
    }
    return { runs, execs: asker.stats.execs - before - slow.length, slow }
  }
}

const needed = [...new Set(all.flatMap(({ needs }) => needs.flat()))].toSorted()
const every = (keep: (tool: string) => boolean): ReadonlyMap<string, string> =>
  new Map(needed.filter(keep).map((tool) => [tool, `/usr/local/bin/${tool}`]))

const isAbsent = (tools: ReadonlyMap<string, string>, { needs }: Collector): boolean =>
  needs.some((anyOf) => !anyOf.some((tool) => tools.has(tool)))

const DEMO = ['atlas', 'borg', 'cygnus', 'eris']

/** Runs whose later questions had to wait for an answer of a slow one: those can share no exec with the rest. */
const behindSlow = ({ runs, slow }: Look): number =>
  runs.filter(({ asks = [] }) => asks.length > 1 && slow.includes(asks[0]?.name ?? '')).length

describe('20 machines, the whole registry, half of the tools absent', () => {
  const fleet = Array.from({ length: 20 }, (_, at) => {
    // two halves, so that every tool is absent somewhere and present elsewhere
    const tools = every((tool) => tool === 'git' || tool === 'tmux' || needed.indexOf(tool) % 2 === at % 2)
    const dir = join(import.meta.dirname, '../fixtures/fleet', DEMO[at % DEMO.length] ?? '')
    return { id: `m${at}`, tools, executor: openReplay({ dir }) }
  })
  const looks: { readonly tools: ReadonlyMap<string, string>; readonly first: Look; readonly settled: Look }[] = []
  beforeAll(async () => {
    for (const machine of fleet) {
      const look = openMachine(machine)
      const first = await look()
      await look()
      looks.push({ tools: machine.tools, first, settled: await look() })
    }
    return async () => void (await Promise.all(fleet.map(({ executor }) => executor.close())))
  }, 120_000)

  test('every collector runs somewhere, and half of those that need a tool nowhere near it', () => {
    for (const collector of all.filter(({ needs }) => needs.length > 0))
      expect([collector.name, fleet.some(({ tools }) => !isAbsent(tools, collector))]).toEqual([collector.name, true])
    expect(all.filter((collector) => isAbsent(fleet[0]?.tools ?? new Map(), collector)).length).toBeGreaterThan(4)
  })

  test('an absent tool is one row, and then nothing: no question, no process, no row', () => {
    for (const { tools, first, settled } of looks)
      for (const collector of all.filter((one) => isAbsent(tools, one))) {
        const mine = (look: Look) => look.runs.filter((run) => run.collector === collector.name)
        expect(mine(first)).toMatchObject([{ fault: 'tool_missing', asks: [], bytes: 0, cpuMs: 0 }])
        expect(mine(settled)).toEqual([])
      }
  })

  test('a tick in which all are due is one exec, two with questions that wait for an answer', () => {
    for (const { settled } of looks) {
      expect(settled.runs.filter(({ asks = [] }) => asks.length > 0).length).toBeGreaterThan(8)
      expect(settled.execs - behindSlow(settled)).toBeLessThanOrEqual(2)
      // an exec of its own is for what may take long, once per collector
      expect(new Set(settled.slow).size).toBe(settled.slow.length)
    }
  })
})

const run = (words: string): string => words.split(' ')[0] ?? ''

describe.runIf(hasProgram('sqlite3'))('a real shell with a recorded program for every tool', () => {
  const homes: string[] = []
  afterAll(() => {
    for (const home of homes) rmSync(home, { recursive: true, force: true })
  })

  /** Three looks at a home with those of the tools that are wanted; what was run in each. */
  const lookAt = async (wanted: (tool: string) => boolean) => {
    const home = mkdtempSync(join(tmpdir(), 'vc-whole-'))
    homes.push(home)
    const installed = installRecordedTools(home, wanted)
    const env = { HOME: home, PATH: `${installed.bin}:/usr/bin:/bin`, XDG_RUNTIME_DIR: home, TMUX_TMPDIR: home }
    const look = openMachine({
      id: 'full',
      executor: shMachine({ env }),
      tools: new Map([...installed.tools, ['git', '/usr/bin/git'], ['tmux', '/usr/bin/tmux']]),
      rows: { latest_agent_processes: [{ cwd: installed.checkout, cli: 'claude', tty: null }] },
    })
    const seen: { readonly look: Look; readonly ran: readonly string[] }[] = []
    for (let at = 0; at < 3; at += 1) seen.push({ look: await look(), ran: installed.ran() })
    return seen
  }

  test('every tool answers its collector, with at most two processes per tool and tick', async () => {
    const seen = await lookAt(() => true)
    for (const { look, ran } of seen) {
      expect(look.runs.filter(({ up }) => !up).map(({ collector, detail }) => [collector, detail])).toEqual([])
      for (const tool of RECORDED_TOOLS)
        expect([tool, ran.filter((one) => run(one) === tool).length > 2]).toEqual([tool, false])
    }
    const asked = new Set(seen.flatMap(({ ran }) => ran.map(run)))
    const rows = seen
      .flatMap(({ look }) => look.runs)
      .filter(({ batches }) => batches.some((batch) => rowCount(batch) > 0))
    expect([...asked].toSorted()).toEqual([
      'bv',
      'caam',
      'cass',
      'caut',
      'gh',
      'gt',
      'ntm',
      'pt',
      'rch',
      'ru',
      'sysmoni',
    ])
    // the rest is read from files and databases that tools left behind
    for (const name of ['afsc', 'agent_config', 'agent_mail', 'beads', 'dcg', 'rano', 'probe'])
      expect(rows.map(({ collector }) => collector)).toContain(name)
    expect((seen[2]?.look.execs ?? 9) - behindSlow(seen[2]?.look as Look)).toBeLessThanOrEqual(2)
  })

  test('where half of the tools are absent only the others are run', async () => {
    const there = (tool: string): boolean => RECORDED_TOOLS.indexOf(tool) % 2 === 0
    const seen = await lookAt(there)
    expect(seen.flatMap(({ ran }) => ran).filter((one) => !there(run(one)))).toEqual([])
    const [first, second] = seen
    const absent = all.filter(({ needs }) =>
      needs.some((anyOf) => !anyOf.some((tool) => ['git', 'tmux'].includes(tool) || there(tool))),
    )
    expect(absent.length).toBeGreaterThan(4)
    for (const { name } of absent) {
      expect(first?.look.runs.find(({ collector }) => collector === name)).toMatchObject({
        fault: 'tool_missing',
        asks: [],
      })
      expect(second?.look.runs.map(({ collector }) => collector)).not.toContain(name)
    }
  })
})
