import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { actOnMissions } from '../../../src/commands/missions/act.ts'
import { noteMaker } from '../../../src/commands/missions/note.ts'
import { isRefusal } from '../../../src/core/action.ts'
import type { Row } from '../../../src/core/rows.ts'
import { openLocalExecutor } from '../../../src/transport/local.ts'
import { appendAll, runOf, type tempDir, tempDir as tempFolder, tempStore } from '../../store/support.ts'

const AT = new Date('2026-11-21T06:00:00Z')

const issue = (id: string, more: Row = {}): Row => ({
  ...{ project: '/srv/shop/.beads', repo_id: 'r1', issue_id: id, title: `title of ${id}`, standing: 'ready' },
  ...{ status: 'open', priority: 1, issue_type: 'bug', waits_on_json: '[]' },
  ...more,
})

const project = (folder: string, backend: string): Row => ({
  ...{ project: folder, repo_id: 'r1', name: 'shop', backend, state: 'ok' },
})

const scene = async (issues: readonly Row[], projects: readonly Row[] = [project('/srv/shop/.beads', 'br')]) => {
  const store = await tempStore()
  const batches = [
    { table: 'beads_issues', rows: issues },
    { table: 'beads_projects', rows: projects },
  ]
  const [outcome] = await appendAll(store, runOf(batches, { collector: 'beads' }))
  expect(outcome).toMatchObject({ ok: true })
  const take = (beads: readonly string[], more: object = {}) =>
    actOnMissions(store, 'from_bead', { beads, ...more }, 'ada', AT)
  return { store, take }
}

describe('issues as missions', () => {
  test('title, urgency, kind and place come from the issue; its text stays where it is', async () => {
    const { store, take } = await scene([issue('shop-1'), issue('shop-2', { priority: 4, issue_type: 'odd' })])
    const taken = await take(['shop-1', 'shop-2'], { with: { lane: 'critical', to_role: 'coder' } })
    expect(taken.missions).toMatchObject([
      { title: 'title of shop-1', priority: 'high', type: 'debugging', lane: 'critical' },
      { title: 'title of shop-2', priority: 'low', type: 'general' },
    ])
    const [text] = await store.db.rows<{ body: string }>('SELECT body FROM mission_texts ORDER BY mission_id')
    expect(text?.body).toMatch(/project in \/srv\/shop\. .*br show shop-1/)
    expect((await take(['shop-1'])).effects[0]?.what).toMatch(/was there already/)
  })

  test('what an issue waits on comes with it, or is there, or it is refused', async () => {
    const { take } = await scene([
      issue('shop-1'),
      issue('shop-2', { waits_on_json: '["shop-1"]', standing: 'blocked' }),
    ])
    await expect(take(['shop-2'])).rejects.toMatchObject({
      code: 'bead_blocked',
      fix: expect.stringContaining('shop-2 shop-1'),
    })
    expect((await take(['shop-2', 'shop-1'])).missions).toMatchObject([{ depends_on: ['m-2'] }, { depends_on: [] }])
    expect((await take(['shop-2'])).effects[0]?.what).toMatch(/was there already/)
  })

  test('an issue that was opened again is new work', async () => {
    const { store, take } = await scene([issue('shop-1')])
    await take(['shop-1'])
    await actOnMissions(store, 'claim', { as: 'bob' }, 'bob', AT)
    await actOnMissions(store, 'complete', { mission: 'm-1', as: 'bob' }, 'bob', AT)
    expect((await take(['shop-1'])).missions).toMatchObject([{ mission: 'm-2', status: 'pending' }])
    expect((await take(['shop-1'])).missions).toMatchObject([{ mission: 'm-2' }])
  })

  test.each<[string, readonly Row[], string]>([
    ['unknown_bead', [], 'shop-1'],
    ['bead_done', [issue('shop-1', { standing: 'done' })], 'shop-1'],
    ['bead_not_ready', [issue('shop-1', { standing: 'deferred' })], 'shop-1'],
    ['ambiguous_bead', [issue('shop-1'), issue('shop-1', { project: '/srv/b/.beads', repo_id: 'r2' })], 'shop-1'],
  ])('%s', async (code, issues, id) => {
    const { take } = await scene(issues)
    await expect(take([id])).rejects.toMatchObject({ code, exitCode: 2 })
  })
})

/** Keeps comments in a file, as br keeps them in its database. `forgets`: it says yes and keeps nothing. */
const FAKE_BR = `#!/bin/sh
[ "$1" = comments ] || exit 1
if [ "$2" = add ]; then [ "$3" = shop-1 ] || exit 3; [ -e "$PWD/forgets" ] || printf '%s\\n' "$4" >>"$PWD/comments"; exit 0; fi
cat "$PWD/comments" 2>/dev/null; exit 0
`

describe('the result on the issue', () => {
  let folder: ReturnType<typeof tempDir>
  beforeEach(() => {
    folder = tempFolder()
    mkdirSync(join(folder, 'bin'))
    writeFileSync(join(folder, 'bin/br'), FAKE_BR)
    chmodSync(join(folder, 'bin/br'), 0o755)
    vi.stubEnv('PATH', `${join(folder, 'bin')}:${process.env.PATH}`)
    return () => void vi.unstubAllEnvs()
  })

  const noting = async (mayNote = true, backend = 'br') => {
    const { store, take } = await scene(
      [issue('shop-1', { project: `${folder}/.beads` })],
      [project(`${folder}/.beads`, backend)],
    )
    await take(['shop-1'])
    await actOnMissions(store, 'claim', { as: 'bob' }, 'bob', AT)
    const executor = openLocalExecutor()
    onTestFinished(() => executor.close())
    const make = noteMaker({ store, executor: async () => executor, mayNote: () => mayNote })
    const deed = () => make({ verb: 'mission.note', params: { mission: 'm-1' }, origin: 'person', actor: 'ada' })
    const complete = () =>
      actOnMissions(store, 'complete', { mission: 'm-1', as: 'bob', output: '$(touch x); `id`\n"done"' }, 'bob', AT)
    const comments = () => readFileSync(join(folder, 'comments'), 'utf8')
    return { deed, complete, comments }
  }

  test('it is written by the tool itself, found there again, and never twice', async () => {
    const { deed, complete, comments } = await noting()
    await complete()
    const first = await deed()
    expect(await first.check()).toBeNull()
    expect(await first.act()).toMatchObject({
      outcome: 'verified',
      effects: [{ observed: true, evidence: 'br comments' }],
    })
    expect(comments()).toBe('[vc m-1.1] done by bob after 1 attempts\n\n$(touch x); `id`\n"done"\n')
    expect(await (await deed()).act()).toMatchObject({ effects: [{ what: 'shop-1 had that note already' }] })
    expect(comments().match(/vc m-1/g)).toHaveLength(1)
  })

  test('a tool that says yes and keeps nothing is not believed', async () => {
    const { deed, complete } = await noting()
    await complete()
    writeFileSync(join(folder, 'forgets'), '')
    expect(await (await deed()).act()).toMatchObject({ outcome: 'outcome_unknown', effects: [{ observed: false }] })
  })

  test('refused while it runs, where vc.toml does not allow it, and where no tool keeps the issues', async () => {
    const { deed, complete } = await noting()
    expect(await (await deed()).check()).toMatchObject({ code: 'not_ended' })
    await complete()
    expect(await (await deed()).check()).toBeNull()
    expect(await (await (await noting(false)).deed()).check()).toMatchObject({ code: 'bead_notes_off' })
    const shut = await noting(true, 'jsonl')
    await shut.complete()
    expect(await (await shut.deed()).check()).toMatchObject({ code: 'no_bead_tool' })
  })

  test('without the tool nothing is done', async () => {
    const { deed, complete } = await noting()
    await complete()
    vi.stubEnv('PATH', '/usr/bin:/bin')
    const acted = await (await deed()).act()
    expect(isRefusal(acted) && acted.code).toBe('tool_missing')
  })
})
