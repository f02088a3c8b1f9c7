import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { repoId } from '../../../src/collectors/git/remote.ts'
import { ru } from '../../../src/collectors/ru/index.ts'
import type { CollectResult } from '../../../src/core/collector.ts'
import type { Row } from '../../../src/core/rows.ts'
import { answered, type ContextOptions, contextWith } from '../shell-context.ts'

const N = '0123456789abcdef'
const fixture = (name: string): string => readFileSync(new URL(`../../fixtures/ru/${name}`, import.meta.url), 'utf8')

interface Said {
  readonly out: string
  readonly err?: string
  readonly code?: number
}

const section = (name: string, { out, err = '', code = 0 }: Said): string =>
  `\u001e${N} ${name}\n${out}\u001f${N} ${code}\n${err}`
const said = (list: Said, status: Said): string =>
  `vc-tool 1 ${N}\n${section('list', list)}${section('status', status)}\u001e${N} end`
const collect = (text: string, over: Partial<ContextOptions> = {}): Promise<CollectResult> =>
  ru.collect(contextWith({ run: () => answered(text), ...over }))
const rowsIn = (result: CollectResult, table: string): readonly Row[] =>
  result.batches.find((batch) => batch.table === table)?.rows ?? []

const RECORDED = said({ out: fixture('list.recorded.json') }, { out: fixture('status.recorded.json') })
const HOME = '/home/dev/projects'

test('every word of ru becomes a state, and what it cannot know stays unknown', async () => {
  const result = await collect(RECORDED)
  expect([result.fault ?? null, result.sourceVersion]).toEqual([null, '1.3.1'])
  const rows = rowsIn(result, 'repo_status_snapshots')
  const brief = (name: string) => {
    const row = rows.find(({ path }) => String(path).endsWith(name))
    return [row?.state, row?.status, row?.branch, row?.dirty, row?.ahead, row?.behind, row?.mismatch]
  }
  expect(rows).toHaveLength(9)
  expect(brief('/beta')).toEqual(['ok', 'ahead', 'main', true, 1, 0, false])
  expect(brief('/gamma')).toEqual(['ok', 'behind', 'main', false, 0, 3, false])
  expect(brief('/eps')).toEqual(['ok', 'no_upstream', null, false, null, null, false])
  expect(brief('/theta')).toEqual(['not_a_repo', 'not_git', null, null, null, null, null])
  expect(brief('/missing-one')).toEqual(['missing', 'missing', null, null, null, null, null])
  expect(rows.every((row) => row.commits_7d === null && row.last_commit_at === null)).toBe(true)
})

test('a repository has the id that git gives it, and a foreign remote lends it none', async () => {
  const rows = rowsIn(await collect(RECORDED), 'repos')
  const idAt = (path: string) => rows.find((row) => row.path === path)?.repo_id
  expect(idAt(`${HOME}/acme/beta`)).toBe(repoId('git@github.com:Acme/beta.git', 'borg', '/elsewhere'))
  // alpha: mismatch
  expect(idAt(`${HOME}/acme/alpha`)).toBe(repoId(null, 'atlas', `${HOME}/acme/alpha`))
  expect(rows.find((row) => row.path === `${HOME}/acme/alpha`)?.url).toBeNull()
})

test('what git saw of a checkout is neither overwritten nor contradicted', async () => {
  const path = `${HOME}/acme/alpha`
  const known = {
    repos: [{ path, repo_id: 'fork', url: 'https://github.com/me/alpha' }],
    latest_repo_status_snapshots: [{ path, source: 'git', state: 'ok' }],
  }
  const result = await collect(RECORDED, { known })
  expect(rowsIn(result, 'repos').some((row) => row.path === path)).toBe(false)
  expect(rowsIn(result, 'repo_status_snapshots').find((row) => row.path === path)).toMatchObject({
    repo_id: 'fork',
    mismatch: true,
  })
})

test('unrelated histories have no distance; a new field is counted, a newer ru is read and said', async () => {
  const warnings: string[] = []
  const text = fixture('unrelated_histories.handwritten.json').replaceAll('"1.3.1"', '"1.9.0"')
  const result = await collect(said({ out: fixture('list.recorded.json') }, { out: text }), { warnings })
  expect(rowsIn(result, 'repo_status_snapshots')).toMatchObject([
    { status: 'diverged', ahead: null, behind: null, dirty: true },
  ])
  expect(warnings.sort()).toEqual(['unknown_fields', 'untested_version'])
})

test.each([
  ['nothing set up', said({ out: '', err: fixture('no_repos.stderr.recorded.txt') }, { out: '' }), 'not_configured'],
  [
    'an option it does not know',
    said({ out: '', err: fixture('unknown_option.exit4.stderr.recorded.txt'), code: 4 }, { out: '', code: 4 }),
    'exit_code',
  ],
  ['too slow', said({ out: fixture('list.recorded.json') }, { out: '', code: 124 }), 'timeout'],
  ['other JSON', said({ out: '{"repos":[]}' }, { out: '{"repos":[]}' }), 'bad_output'],
  [
    'rows of nothing',
    said({ out: fixture('list.recorded.json') }, { out: '{"command":"status","data":{"repos":[1,{}]}}' }),
    'bad_output',
  ],
  ['cut off', RECORDED.slice(0, 400), 'truncated'],
  ['login noise', 'Welcome!\n', 'bad_output'],
  ['not installed', `vc-tool 1 ${N}\n\u001e${N} missing\n\u001f${N} 127\n`, 'tool_missing'],
] as const)('%s is the fault it is', async (_, text, fault) => {
  const result = await collect(text)
  expect([result.fault, result.batches]).toEqual([fault, []])
})

test('hostile rows lose only themselves', async () => {
  const row = (over: object) => ({
    repo: 'a/b',
    path: '/p',
    status: 'current',
    branch: 'main',
    ahead: 0,
    behind: 0,
    dirty: false,
    mismatch: false,
    ...over,
  })
  const repos = [
    row({ path: '/ok', branch: '\u001b[31mred', ahead: 1e300, behind: 2 ** 60, dirty: 'yes' }),
    row({ path: 'relative' }),
    row({ status: null }),
    row({ path: '/deep', repo: [[[[]]]] }),
  ]
  const warnings: string[] = []
  const text = said(
    { out: fixture('list.recorded.json') },
    { out: JSON.stringify({ command: 'status', data: { repos } }) },
  )
  const result = await collect(text, { warnings })
  expect([result.partial, warnings]).toEqual([true, ['ru_rows']])
  expect(rowsIn(result, 'repo_status_snapshots')).toMatchObject([
    { path: '/ok', branch: '[31mred', ahead: null, behind: null, dirty: null },
  ])
})
