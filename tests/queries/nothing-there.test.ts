// An answer that has nothing says whether nobody asked yet, nobody can tell, or there is nothing.
import { expect, test } from 'vitest'
import type { ScrapeRun } from '../../src/core/rows.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { tempStore } from '../store/support.ts'
import { ago, inventory, NOW, planOf, run } from './seeded-store.ts'

type Runs = readonly (readonly [string, Partial<ScrapeRun>])[]

const planned = (sources: readonly string[]) => {
  const [machine] = planOf(['atlas']).machines
  if (machine === undefined) throw new Error('the plan has no machine')
  return { machines: [{ ...machine, sources: ['probe', ...sources].map((source) => ({ source, intervalS: 30 })) }] }
}

const asking = async (runs: Runs, sources: readonly string[] = runs.map(([source]) => source)) => {
  const store = await tempStore({ now: () => NOW, groupWindowMs: 1 })
  const machines = { table: 'machines', rows: inventory(['atlas']) }
  await store.write({ machineId: 'atlas', source: 'config', at: ago(7_200), batches: [machines] })
  for (const [source, over] of [['probe', {}], ...runs] as Runs) await store.append(run('atlas', source, 5, [], over))
  const ctx = { db: store.db, now: NOW, plan: planned(sources) }
  return async (topic: string, params: object = {}) =>
    ((await answer(queries, { topic, params: { ...params } }, ctx)).warnings ?? []).filter(
      (text) => !/^stale: /.test(text),
    )
}

const UP = {}
const ABSENT: Partial<ScrapeRun> = { up: false, fault: 'tool_missing' }
const DOWN: Partial<ScrapeRun> = { up: false, fault: 'bad_output' }
const CASES = [
  [
    'sessions',
    'sessions',
    ['claude', 'codex', 'gemini', 'opencode'],
    /^no_sessions: no agent CLI has written a transcript/,
  ],
  [
    'usage',
    'tokens',
    ['claude', 'codex', 'gemini', 'opencode'],
    /^no_usage: no transcript tells of a token used between 2026-/,
  ],
  [
    'cost',
    'tokens',
    ['claude', 'codex', 'gemini', 'opencode'],
    /^no_usage: no transcript tells of a token used between 2026-/,
  ],
  ['ptys', 'terminals', ['terminals', 'tmux'], /^no_terminals: no tmux server runs/],
  ['repos', 'repositories', ['git', 'ru'], /^not_collected: no repository is known: no agent has worked in one yet/],
  ['status', 'repositories', ['git', 'ru'], /^not_collected: no repository is known: no agent has worked in one yet/],
] as const

test.each(CASES)('%s: of %s it is said why there are none', async (topic, what, sources, none) => {
  const said = async (state: Partial<ScrapeRun> | null) => {
    const runs = state === null ? [] : sources.map((source) => [source, state] as const)
    const ask = await asking(runs, sources)
    return (await ask(topic)).filter((text) => !/^partial: /.test(text))
  }
  const untold = `not_collected: ${what} are not collected yet, so there are none here: `
  expect(await said(null)).toEqual([
    `${untold}no look for them has ended (ask again in some seconds; without a daemon: vc collect)`,
  ])
  expect(await said(ABSENT)).toEqual([
    `${untold}what tells of them is on no machine (${sources.join(', ')}) (vc doctor)`,
  ])
  expect(await said(DOWN)).toEqual([
    `${untold}no machine has answered for ${sources.join(', ')} (vc robot scrapes --source ${sources[0]} --json)`,
  ])
  expect(await said(UP)).toEqual([expect.stringMatching(none)])
})

test('who would tell may be switched off', async () => {
  expect(await (await asking([]))('ptys')).toEqual([
    'not_collected: terminals are not collected yet, so there are none here: nobody asks for them (terminals, tmux) (vc config explain collectors; vc robot collectors --json)',
  ])
})

test('one CLI alone is asked about by its own source', async () => {
  const ask = await asking([['claude', UP], ['codex', DOWN]])
  expect(await ask('sessions', { cli: 'claude' })).toEqual([expect.stringMatching(/^no_sessions: no claude has written/)])
  expect(await ask('sessions', { cli: 'codex' })).toEqual([expect.stringContaining('no machine has answered for codex')])
}) // biome-ignore format: a case a line

test.each(['triage', 'agents'])('%s: that no agent was ever seen is said', async (topic) => {
  expect(await (await asking([]))(topic)).toContain(
    'no_agents: no agent has been seen yet (start one, or see vc doctor for what vc cannot see)',
  )
})
