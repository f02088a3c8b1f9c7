import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { beads } from '../../../src/collectors/beads/index.ts'
import { type LocalWorld, makeBeads, openLocalWorld } from './local-world.ts'

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, '../../fixtures/beads', name), 'utf8')

let world: LocalWorld
let repo: string
beforeEach(async () => {
  world = await openLocalWorld()
  repo = join(world.dir, 'repo')
  mkdirSync(join(repo, 'deep/er'), { recursive: true })
})
afterEach(async () => {
  await world.close()
  rmSync(world.dir, { recursive: true })
})

const tick = (now?: string) =>
  world.tick(beads, {
    options: { dirs: [join(repo, 'deep/er')] },
    ...(now === undefined ? {} : { now: new Date(now) }),
  })

test('issues of a bd project are committed with their standing, bodies only measured', async () => {
  makeBeads(repo, { 'issues.jsonl': fixture('issues.bd.jsonl'), 'metadata.json': fixture('metadata.embedded.json') })
  const run = await tick()
  expect([run.up, run.fault, run.warnings]).toEqual([true, null, []])
  expect(
    await world.rows('SELECT issue_id, standing, priority, waits_on_json FROM latest_beads_issues ORDER BY issue_id'),
  ).toEqual([
    { issue_id: 'demo-071', standing: 'held', priority: 2, waits_on_json: '[]' },
    { issue_id: 'demo-a1f', standing: 'ready', priority: 0, waits_on_json: '[]' },
    { issue_id: 'demo-a1f.1', standing: 'ready', priority: 2, waits_on_json: '[]' },
    { issue_id: 'demo-b2c', standing: 'blocked', priority: 1, waits_on_json: '["demo-a1f"]' },
    { issue_id: 'demo-c3d', standing: 'in_progress', priority: 2, waits_on_json: '["demo-b2c"]' },
    { issue_id: 'demo-d4e', standing: 'done', priority: 3, waits_on_json: '[]' },
    { issue_id: 'demo-e5f', standing: 'deferred', priority: 4, waits_on_json: '[]' },
  ])
  const [project] = await world.rows('SELECT backend, state, issues, ready, done FROM latest_beads_projects')
  expect(project).toEqual({ backend: 'bd', state: 'ok', issues: 7, ready: 2, done: 1 })
  const everything = JSON.stringify(await world.rows('SELECT * FROM beads_issues'))
  expect(everything).not.toContain('Text of the banner changed')
  const [graph] = await world.rows('SELECT longest_chain_json, cycles FROM latest_beads_graph_metrics')
  expect(graph).toEqual({ longest_chain_json: '["demo-a1f","demo-b2c","demo-c3d"]', cycles: 0 })
})

test('an unchanged file is not read again; a changed one changes only what changed', async () => {
  makeBeads(repo, { 'issues.jsonl': fixture('issues.bd.jsonl') })
  await tick()
  const again = await tick()
  expect(again.batches).toEqual([])
  const closed = fixture('issues.bd.jsonl').replace('"status":"open","priority":0', '"status":"closed","priority":0')
  makeBeads(repo, { 'issues.jsonl': closed })
  await tick()
  expect(await world.rows("SELECT standing FROM latest_beads_issues WHERE issue_id = 'demo-b2c'")).toEqual([
    { standing: 'ready' },
  ])
  expect(
    await world.rows('SELECT issue_id, count(*)::INTEGER AS n FROM beads_issues GROUP BY 1 HAVING n > 1 ORDER BY 1'),
  ).toEqual([
    { issue_id: 'demo-a1f', n: 2 },
    { issue_id: 'demo-b2c', n: 2 },
  ])
})

test('a deferred issue becomes ready when its day comes, though the file stays', async () => {
  const issue = { id: 'x-1', title: 'Later', status: 'open', priority: 1, defer_until: '2026-03-01T00:00:00Z' }
  makeBeads(repo, { 'issues.jsonl': JSON.stringify(issue) })
  await tick('2026-02-01T00:00:00Z')
  expect(await world.rows('SELECT standing FROM latest_beads_issues')).toEqual([{ standing: 'deferred' }])
  await tick('2026-03-02T00:00:00Z')
  expect(await world.rows('SELECT standing FROM latest_beads_issues')).toEqual([{ standing: 'ready' }])
})

test('a removed project is gone with its issues; its history stays', async () => {
  const folder = makeBeads(repo, { 'issues.jsonl': fixture('issues.bd.jsonl') })
  await tick()
  rmSync(folder, { recursive: true })
  await tick()
  expect(await world.rows('SELECT * FROM latest_beads_issues')).toEqual([])
  expect(await world.rows('SELECT * FROM latest_beads_projects')).toEqual([])
  expect(await world.rows('SELECT count(*)::INTEGER AS n FROM beads_issues WHERE gone')).toEqual([{ n: 7 }])
  const back = await tick()
  expect(back.batches).toEqual([])
})

test('a torn, conflicted file keeps its good lines and says that it is degraded', async () => {
  makeBeads(repo, { 'issues.jsonl': fixture('issues.old-pre1.0.jsonl') })
  const run = await tick()
  expect(run.warnings.map(({ code }) => code)).toEqual(['beads_bad_lines'])
  expect(await world.rows('SELECT state, issues, bad_lines, duplicate_ids FROM latest_beads_projects')).toEqual([
    { state: 'degraded', issues: 2, bad_lines: 4, duplicate_ids: 1 },
  ])
})

test('an unreadable project keeps its last issues and names its trouble', async () => {
  const folder = makeBeads(repo, { 'issues.jsonl': fixture('issues.bd.jsonl') })
  await tick()
  writeFileSync(join(folder, 'issues.jsonl'), 'not json at all\n')
  const run = await tick()
  expect(run.up).toBe(true)
  expect(await world.rows('SELECT state FROM latest_beads_projects')).toEqual([{ state: 'bad_output' }])
  expect(await world.rows('SELECT count(*)::INTEGER AS n FROM latest_beads_issues')).toEqual([{ n: 7 }])
})

test('a redirect leads to the shared folder, which counts once', async () => {
  const shared = makeBeads(join(world.dir, 'main'), { 'issues.jsonl': fixture('issues.bd.jsonl') })
  makeBeads(repo, { redirect: '# worktree\n../main/.beads\n' })
  await world.tick(beads, { options: { dirs: [repo, join(world.dir, 'main')] } })
  expect(await world.rows('SELECT project FROM latest_beads_projects')).toEqual([{ project: shared }])
})
