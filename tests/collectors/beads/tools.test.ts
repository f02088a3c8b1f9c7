import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { beads } from '../../../src/collectors/beads/index.ts'
import { type LocalWorld, makeBeads, openLocalWorld } from './local-world.ts'

const fixtures = join(import.meta.dirname, '../../fixtures/beads')
const OLD = new Date('2026-01-01T00:00:00Z')
const NEW = new Date('2026-01-01T01:00:00Z')

let world: LocalWorld
let repo: string
let log: string
beforeEach(async () => {
  world = await openLocalWorld()
  repo = join(world.dir, 'repo')
  log = join(world.dir, 'log')
  mkdirSync(repo)
})
afterEach(async () => {
  await world.close()
  rmSync(world.dir, { recursive: true })
})

/** A tool that notes how it was called and prints a recorded answer. */
const tool = (name: string, answer: string, exitCode = 0): readonly [string, string] => {
  const path = join(world.dir, name)
  const asked = `echo "${name} $* EXPORT=$BD_EXPORT_AUTO BACKUP=$BD_BACKUP_ENABLED" >> '${log}'`
  writeFileSync(
    path,
    `#!/bin/sh\n${asked}\n[ "$1" = --version ] && { echo 'bv v0.16.0'; exit; }\ncat '${answer}'\nexit ${exitCode}\n`,
  )
  chmodSync(path, 0o755)
  return [name, path]
}
const calls = (): readonly string[] => {
  try {
    return readFileSync(log, 'utf8').trim().split('\n')
  } catch {
    return []
  }
}
const tick = (...tools: readonly (readonly [string, string])[]) =>
  world.tick(beads, { options: { dirs: [repo], ask_bd: true }, tools: new Map(tools) })

/** bd's embedded database, without its export. */
const embedded = (): string => {
  const folder = makeBeads(repo, { 'metadata.json': readFileSync(join(fixtures, 'metadata.embedded.json'), 'utf8') })
  mkdirSync(join(folder, 'embeddeddolt/demo/.dolt/noms'), { recursive: true })
  writeFileSync(join(folder, 'embeddeddolt/demo/.dolt/noms/manifest'), '1')
  return folder
}

test('bd is asked only where no file says it, read-only, and not again until its database changes', async () => {
  const folder = embedded()
  const bd = tool('bd', join(fixtures, 'bd-list.json'))
  await tick(bd)
  await tick(bd)
  expect(calls()).toEqual(['bd --readonly --sandbox list --json --all --limit 0 EXPORT=false BACKUP=false'])
  expect(await world.rows('SELECT backend, issues FROM latest_beads_projects')).toEqual([{ backend: 'bd', issues: 2 }])
  writeFileSync(join(folder, 'embeddeddolt/demo/.dolt/noms/manifest'), 'changed')
  await tick(bd)
  expect(calls()).toHaveLength(2)
})

test('bd touches the times of its own files, so without leave it is not started', async () => {
  embedded()
  const bd = tool('bd', join(fixtures, 'bd-list.json'))
  await world.tick(beads, { options: { dirs: [repo] }, tools: new Map([bd]) })
  expect(calls()).toEqual([])
  expect((await world.rows('SELECT detail FROM latest_beads_projects'))[0]?.detail).toContain('ask_bd')
})

test('without bd such a project is known, and says why it has no issues', async () => {
  embedded()
  await tick()
  const [project] = await world.rows('SELECT state, detail, issues FROM latest_beads_projects')
  expect(project).toEqual({
    state: 'no_issues',
    detail:
      'its issues are in a database that only bd reads, and bd is not there or may not be asked ([collectors.beads] ask_bd = true)',
    issues: null,
  })
})

test('a bd in server mode is never started: it might start that server', async () => {
  makeBeads(repo, { 'metadata.json': readFileSync(join(fixtures, 'metadata.server.json'), 'utf8') })
  await tick(tool('bd', join(fixtures, 'bd-list.json')))
  expect(calls()).toEqual([])
  expect((await world.rows('SELECT detail FROM latest_beads_projects'))[0]?.detail).toContain('beads_dolt')
})

test('br is asked where its database is newer than the file, with nothing that imports or flushes', async () => {
  const folder = makeBeads(repo, {
    'issues.jsonl': '{"id":"br-a1","title":"stale","status":"open"}\n',
    'beads.db': 'x',
  })
  utimesSync(join(folder, 'issues.jsonl'), OLD, OLD)
  utimesSync(join(folder, 'beads.db'), NEW, NEW)
  const before = readdirSync(folder)
  await tick(tool('br', join(fixtures, 'br-list.envelope.json')))
  expect(calls()[0]).toContain(
    'br --no-auto-import --no-auto-flush --no-daemon --lock-timeout 2000 --no-color list --json --all --limit 0',
  )
  expect(await world.rows('SELECT title FROM latest_beads_issues')).toEqual([{ title: 'Index sessions' }])
  expect(readdirSync(folder)).toEqual(before)
})

test('bd that only reads touches its files: a new time alone is no change', async () => {
  const folder = embedded()
  const manifest = join(folder, 'embeddeddolt/demo/.dolt/noms/manifest')
  const bd = tool('bd', join(fixtures, 'bd-list.json'))
  await tick(bd)
  utimesSync(manifest, NEW, NEW)
  await tick(bd)
  expect(calls()).toHaveLength(1)
  writeFileSync(`${manifest.slice(0, -'manifest'.length)}${'v'.repeat(32)}`, 'grown')
  await tick(bd)
  expect(calls()).toHaveLength(2)
})

test('a database that is newer than the file is left alone until it was quiet for a minute', async () => {
  const folder = embedded()
  const manifest = join(folder, 'embeddeddolt/demo/.dolt/noms/manifest')
  const bd = tool('bd', join(fixtures, 'bd-list.json'))
  writeFileSync(join(folder, 'issues.jsonl'), '{"id":"demo-1","title":"stale","status":"open"}\n')
  utimesSync(join(folder, 'issues.jsonl'), OLD, OLD)
  const at = (now: string) =>
    world.tick(beads, { options: { dirs: [repo], ask_bd: true }, tools: new Map([bd]), now: new Date(now) })
  utimesSync(manifest, NEW, NEW)
  await at('2026-01-01T01:00:30Z')
  expect([calls(), await world.rows('SELECT title FROM latest_beads_issues')]).toEqual([[], [{ title: 'stale' }]])
  await at('2026-01-01T01:01:30Z')
  expect(calls()).toHaveLength(1)
  // Asking touched it: the older file is not read in its place.
  const asked = new Date('2026-01-01T01:01:31Z')
  utimesSync(manifest, asked, asked)
  await at('2026-01-01T01:02:00Z')
  await at('2026-01-01T01:04:00Z')
  expect(calls()).toHaveLength(1)
  expect(await world.rows('SELECT count(*)::INTEGER AS n FROM latest_beads_issues')).toEqual([{ n: 2 }])
})

test('a tool that fails leaves the last issues and its own words', async () => {
  embedded()
  await tick(tool('bd', join(fixtures, 'bd-list.json')))
  writeFileSync(join(repo, '.beads/embeddeddolt/demo/.dolt/noms/manifest'), 'changed')
  const run = await tick(tool('bd', join(fixtures, 'bd-error.json'), 1))
  expect([run.up, run.warnings.map(({ code }) => code)]).toEqual([true, ['beads_unread']])
  expect(await world.rows('SELECT state FROM latest_beads_projects')).toEqual([{ state: 'exit_code' }])
  expect(await world.rows('SELECT count(*)::INTEGER AS n FROM latest_beads_issues')).toEqual([{ n: 2 }])
})

test('bv is asked for its triage once per change, and what it says is kept beside what vc says', async () => {
  makeBeads(repo, { 'issues.jsonl': readFileSync(join(fixtures, 'issues.bd.jsonl'), 'utf8') })
  const bv = tool('bv', join(fixtures, 'bv-triage.json'))
  await tick(bv)
  await tick(bv)
  expect(calls().map((call) => call.split(' EXPORT')[0])).toEqual(['bv --version', 'bv --robot-triage'])
  expect(await world.rows('SELECT tool_version, counts_mean FROM latest_beads_triage_snapshots')).toEqual([
    { tool_version: '0.16.0', counts_mean: 'strict' },
  ])
})

test('ten thousand issues are read, judged and committed', async () => {
  const count = 10_000
  const issue = (at: number) => ({
    ...{ id: `big-${at}`, title: `Issue ${at}`, status: at % 3 === 0 ? 'closed' : 'open', priority: at % 5 },
    dependencies:
      at % 2 === 0 && at > 20 ? [{ issue_id: `big-${at}`, depends_on_id: `big-${at - 17}`, type: 'blocks' }] : [],
  })
  makeBeads(repo, { 'issues.jsonl': Array.from({ length: count }, (_, at) => JSON.stringify(issue(at))).join('\n') })
  const run = await tick()
  expect([run.up, run.partial]).toEqual([true, false])
  const [graph] = await world.rows(
    'SELECT nodes, edges, betweenness_json IS NOT NULL AS between FROM latest_beads_graph_metrics',
  )
  expect(graph).toEqual({ nodes: count, edges: 4_989, between: true })
  expect(await world.rows('SELECT count(*)::INTEGER AS n FROM latest_beads_issues')).toEqual([{ n: count }])
})
