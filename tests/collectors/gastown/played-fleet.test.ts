import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { gastown } from '../../../src/collectors/gastown/index.ts'
import { ntm } from '../../../src/collectors/ntm/index.ts'
import { probe } from '../../../src/collectors/probe/index.ts'
import { terminals } from '../../../src/collectors/terminals/index.ts'
import { tmux } from '../../../src/collectors/tmux/index.ts'
import { agentBatches } from '../../../src/daemon/agents.ts'
import { openMemory } from '../../../src/daemon/memory.ts'
import { scrapeMachine } from '../../../src/daemon/scrape.ts'
import { openAbsences } from '../../../src/daemon/scrape-needs.ts'
import { answer, queries } from '../../../src/queries/index.ts'
import { openStore } from '../../../src/store/index.ts'
import { openAsker } from '../../../src/transport/asker.ts'
import { openReplay } from '../../../src/transport/replay.ts'
import { scrapeRun } from '../../scrape-run.ts'

const dir = mkdtempSync(join(tmpdir(), 'vcp-'))
const store = await openStore({ dataDir: dir })
afterAll(async () => {
  await store.close()
  rmSync(dir, { recursive: true })
})

/** Looks of the demo machine, each committed with what it makes of the agents. */
const play = async (id: string, looks: number): Promise<number> => {
  let now = Date.parse('2026-01-02T00:00:00Z')
  const executor = openReplay({ dir: join(import.meta.dirname, '../../fixtures/fleet', id), now: () => now })
  const asker = openAsker({ executor, local: false })
  for (let look = 0; look < looks; look += 1) {
    now += 30_000
    const memory = openMemory(store)
    const tools = new Map(
      (await memory.known(id, 'machine_tool_capabilities')).flatMap((row) =>
        row.available === true ? [[String(row.tool_name), String(row.path)] as const] : [],
      ),
    )
    const runs = await scrapeMachine({
      machine: { id, local: false, os: null, tools: tools.size === 0 ? null : tools },
      collectors: [probe, tmux, terminals, ntm, gastown],
      asker,
      absences: openAbsences(),
      ports: {
        cursors: (collector) => memory.cursors(id, collector),
        known: (table) => memory.known(id, table),
        options: () => ({}),
        work: () => Promise.reject(new Error('no worker needed')),
        now: () => new Date(now),
      },
    })
    for (const outcome of await Promise.all(runs.map((run) => store.append(run))))
      expect(outcome).toMatchObject({ ok: true })
    const facts = {
      known: (table: string) => openMemory(store).known(id, table),
      probe: async () => ({ up: true, partial: false }),
    }
    const batches = await agentBatches(facts, id, null, new Date(now))
    await store.append(scrapeRun({ machineId: id, collector: 'oracle', startedAt: new Date(now), batches }))
  }
  expect(executor.complaints).toEqual([])
  await executor.close()
  return now
}

test('the demo fleet: a crew member is the agent in its pane, ntm’s panes carry agent ids, nobody sits elsewhere', {
  timeout: 60_000,
}, async () => {
  await play('atlas', 3)
  const now = new Date(await play('borg', 3))
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into as an agent would
  const data = async (topic: string): Promise<any> =>
    (
      await answer(
        queries,
        { topic, params: {} },
        { db: store.db, now, plan: { machines: [], collectors: [] } as never },
      )
    ).data
  const said = await data('convoys')
  const crew = said.roles.find((row: { role: string }) => row.role === 'crew')
  expect(crew).toMatchObject({
    machine: 'borg',
    address: 'tickets/crew/max',
    rig: 'tickets',
    running: true,
    hook: 'tk-7',
  })
  const { agents } = await data('agents')
  const holder = agents.find((row: { agent: string }) => row.agent === crew.agent)
  expect(holder).toMatchObject({
    machine: 'borg',
    cli: 'claude',
    role: 'crew',
    rig: 'tickets',
    cwd: '/srv/code/tickets',
  })
  expect(agents).toHaveLength(7)
  expect(said.convoys).toMatchObject([{ title: 'Tickets before the weekend', completed: 1, total: 2 }])
  expect(said.mail).toMatchObject([{ from: 'mayor', to: 'tickets/crew/max', subject: 'Tickets before the weekend' }])
  expect(said.ntm_sessions).toMatchObject([
    { machine: 'atlas', session: 'work', work_dir: '/srv/code', health: 'healthy' },
  ])
  const [{ panes_json: panes = '' } = {}] = await store.db.rows<{ panes_json: string }>(
    'SELECT panes_json FROM latest_ntm_sessions_snapshot',
  )
  expect(JSON.parse(panes).every((pane: { agent_id: string | null }) => pane.agent_id?.startsWith('atlas/'))).toBe(true)
  const { panes: all } = await data('ptys')
  expect([...new Set(all.map((row: { multiplexer: string }) => row.multiplexer))]).toEqual(['tmux'])
})
