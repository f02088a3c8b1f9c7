import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { demoFleetFiles } from '../../scripts/make-fleet.ts'
import { collectors } from '../../src/collectors/index.ts'
import type { Row, ScrapeRun } from '../../src/core/rows.ts'
import { scrapeMachine } from '../../src/daemon/scrape.ts'
import { openAbsences } from '../../src/daemon/scrape-needs.ts'
import { openAsker } from '../../src/transport/asker.ts'
import { openReplay, replayMachines } from '../../src/transport/replay.ts'
import { workHere } from '../collectors/beads/local-world.ts'

const FLEET = join(import.meta.dirname, '../fixtures/fleet')

/** Two looks at a machine, `gapS` apart, with the cursors of the first given to the second. */
async function lookTwice(dir: string, gapS = 30): Promise<readonly ScrapeRun[]> {
  let now = Date.parse('2026-01-02T00:00:00Z')
  const executor = openReplay({ dir, now: () => now })
  const asker = openAsker({ executor, local: false })
  const cursors = new Map<string, ReadonlyMap<string, unknown>>()
  const known = new Map<string, readonly Row[]>()
  const look = () =>
    scrapeMachine({
      machine: { id: 'demo', local: false, os: null, tools: null },
      collectors,
      asker,
      absences: openAbsences(),
      ports: {
        cursors: async (name) => cursors.get(name) ?? new Map(),
        known: async (table) => known.get(table.replace('latest_', '')) ?? [],
        options: () => ({}),
        work: workHere,
        now: () => new Date(now),
      },
    })
  for (const run of await look()) {
    cursors.set(run.collector, new Map(run.cursors.map(({ key, value }) => [key, value])))
    for (const { table, rows } of run.batches) known.set(table, rows)
  }
  now += gapS * 1000
  const runs = await look()
  expect(executor.complaints).toEqual([])
  await executor.close()
  return runs
}

const rowsOf = (runs: readonly ScrapeRun[], table: string) =>
  runs.flatMap((run) => run.batches.filter((batch) => batch.table === table).flatMap((batch) => batch.rows))

const dirOf = (id: string): string => join(FLEET, id)

test('the demo fleet on disk is what its generator writes', () => {
  for (const [path, text] of demoFleetFiles())
    expect(readFileSync(join(FLEET, path), 'utf8'), `run: node scripts/make-fleet.ts (${path})`).toBe(text)
})

describe('a played machine, looked at by the real collectors', () => {
  test('is up, with rates from its moving counters', async () => {
    const runs = await lookTwice(dirOf('atlas'))
    const absent = runs.filter((run) => run.fault === 'tool_missing')
    // before the first probe all are asked; what is not there says so
    expect(absent.map(({ collector }) => collector)).toEqual(['gastown', 'ru'])
    for (const run of runs.filter((one) => !absent.includes(one)))
      expect([run.collector, run.up, run.detail]).toEqual([run.collector, true, null])
    expect(runs.map((run) => run.collector)).toEqual(collectors.map(({ name }) => name))
    const [sample] = rowsOf(runs, 'sys_samples')
    expect(Number(sample?.cpu_pct)).toBeCloseTo(31, 0)
    expect(sample).toMatchObject({ cores: 16, load1: 4.9 })
    expect(rowsOf(runs, 'agent_processes').map((row) => row.cli)).toEqual(['claude', 'codex', 'opencode'])
    expect(rowsOf(runs, 'pty_panes')).toHaveLength(3)
    expect(rowsOf(runs, 'repo_status_snapshots')).toHaveLength(3)
    expect(rowsOf(runs, 'beads_issues').map((row) => [row.issue_id, row.standing])).toContainEqual(['lim-d4', 'ready'])
    const versions = rowsOf(
      runs.filter((run) => run.collector === 'tool_versions'),
      'machine_tool_capabilities',
    )
    expect(versions.find((row) => row.tool_name === 'claude')?.version).toBe('2.1.329')
  })

  test.each(['atlas', 'borg', 'cygnus', 'eris'])('%s answers every collector, twice', async (id) => {
    // that a tool is not there is an answer too
    for (const { collector, fault } of await lookTwice(dirOf(id)))
      if (fault !== 'tool_missing') expect([collector, fault]).toEqual([collector, null])
  })

  test('shows a full disk as full', async () => {
    const [root] = rowsOf(await lookTwice(dirOf('borg')), 'sys_filesystems')
    expect(Number(root?.used_pct)).toBeCloseTo(95, 0)
  })

  test.each([
    ['dione', 'unreachable', 'connect_timeout: no answer within 10 s'],
    ['fenrir', 'host_key_changed', 'host_key_changed: offered ssh-ed25519, on file another'],
  ])('%s is out of reach for every collector', async (id, fault, detail) => {
    for (const run of await lookTwice(dirOf(id))) expect(run).toMatchObject({ up: false, fault, detail, batches: [] })
  })
})

test('every folder of the fleet is a machine', () => {
  const folders = readdirSync(FLEET, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(replayMachines(FLEET).map(({ id }) => id)).toEqual(folders.map(({ name }) => name).toSorted())
})
