import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { gh } from '../../../src/collectors/gh/index.ts'
import { githubScript } from '../../../src/collectors/gh/script.ts'
import { COLLECTOR_KEYS } from '../../../src/config/collector-keys.ts'
import { configSchema } from '../../../src/config/schema.ts'
import type { ScriptAsk } from '../../../src/core/ask.ts'
import type { CollectResult } from '../../../src/core/collector.ts'
import type { Row } from '../../../src/core/rows.ts'
import { hasProgram } from '../../programs.ts'
import { answered, type ContextOptions, contextWith } from '../shell-context.ts'

const N = '0123456789abcdef'
const fixture = (name: string): string => readFileSync(new URL(`../../fixtures/gh/${name}`, import.meta.url), 'utf8')
const said = (...parts: readonly (readonly [string, string, number?, string?])[]): string =>
  `vc-tool 1 ${N}\n${parts.map(([name, out, code = 0, err = '']) => `\u001e${N} ${name}\n${out}\u001f${N} ${code}\n${err}`).join('')}\u001e${N} end`

const REPOS = [
  { path: '/a', url: 'git@github.com:Acme/alpha.git', repo_id: 'id-alpha' },
  { path: '/a2', url: 'https://github.com/acme/alpha', repo_id: 'id-alpha' },
  { path: '/b', url: 'https://git.example/x/y', repo_id: 'id-other' },
]
const collect = (text: string, over: Partial<ContextOptions> = {}): Promise<CollectResult> =>
  gh.collect(contextWith({ run: () => answered(text), known: { repos: REPOS }, ...over }))
const rowsIn = (result: CollectResult, table: string): readonly Row[] =>
  result.batches.filter((batch) => batch.table === table).flatMap(({ rows }) => rows)

const PRS = JSON.stringify([
  {
    ...{ number: 12, title: 'Fix\u001b[31m it', state: 'OPEN', isDraft: false, labels: ['bug'] },
    ...{ reviewDecision: 'REVIEW_REQUIRED', checks: ['IN_PROGRESS', 'SUCCESS'] },
    ...{
      createdAt: '2026-11-19T08:00:00Z',
      updatedAt: '2026-11-20T09:30:00Z',
      url: 'https://github.com/acme/alpha/pull/12',
    },
  },
  {
    number: 13,
    title: 'x',
    state: 'OPEN',
    isDraft: true,
    labels: [],
    reviewDecision: '',
    checks: ['FAILURE', 'PENDING'],
    url: 'javascript:1',
  },
  { number: 1e30 },
])

test('is off until a file switches it on', () => {
  expect('off' in COLLECTOR_KEYS.gh).toBe(true)
  expect(configSchema.parse({}).collectors).toMatchObject({ gh: { enabled: false }, ru: { enabled: true } })
  expect(configSchema.parse({ collectors: { gh: { enabled: true } } }).collectors.gh.enabled).toBe(true)
})

test('asks each repository on GitHub once, as arguments, and keeps what is open', async () => {
  const asks: ScriptAsk[] = []
  const text = said(['pr acme/alpha', PRS], ['issue acme/alpha', '[]'])
  const result = await collect(text, {
    run: (ask) => {
      asks.push(ask)
      return answered(text)
    },
  })
  expect(asks.map(({ args }) => args)).toEqual([['', 'acme/alpha']])
  expect(asks[0]?.script).not.toContain('acme')
  expect(rowsIn(result, 'github_repos')).toMatchObject([
    {
      repo: 'acme/alpha',
      repo_id: 'id-alpha',
      state: 'ok',
      open_prs: 2,
      open_issues: 0,
      issues_off: false,
      capped: false,
    },
  ])
  expect(rowsIn(result, 'github_items')).toMatchObject([
    {
      number: 12,
      title: 'Fix[31m it',
      review_decision: 'review_required',
      checks: 'pending',
      labels_json: '["bug"]',
      is_draft: false,
    },
    { number: 13, review_decision: null, checks: 'failing', is_draft: true, url: null, created_at: null },
  ])
  expect(result.batches.every(({ scope }) => scope === 'acme/alpha')).toBe(true)
})

test('each repository has its turn, also after one that cannot be listed', async () => {
  const known = {
    repos: ['alpha', 'beta'].map((name) => ({ repo_id: `id-${name}`, url: `https://github.com/acme/${name}` })),
  }
  const asked: unknown[] = []
  const look = (text: string, cursors: ReadonlyMap<string, unknown>) =>
    collect(text, {
      known,
      cursors,
      run: (ask) => {
        asked.push(ask.args?.slice(1))
        return answered(text)
      },
    })
  const broken = await look(said(['pr acme/alpha', '', 1, 'HTTP 502: Bad Gateway']), new Map())
  expect(broken).toMatchObject({ fault: 'exit_code', cursors: [{ key: 'last', value: 'acme/alpha' }] })
  await look(said(['pr acme/beta', '[]'], ['issue acme/beta', '[]']), new Map([['last', 'acme/alpha']]))
  await look(said(['pr acme/alpha', '[]'], ['issue acme/alpha', '[]']), new Map([['last', 'acme/beta']]))
  expect(asked).toEqual([['acme/alpha'], ['acme/beta'], ['acme/alpha']])
})

test('nobody logged in is auth, as gh 2.23 says it, and nothing else is touched', async () => {
  const text = said(['pr acme/alpha', '', 4, fixture('not-logged-in.exit4.stderr.recorded.txt')])
  expect(await collect(text)).toMatchObject({ fault: 'auth', batches: [] })
})

test.each([
  ['no network', ['pr acme/alpha', '', 1, 'error connecting to api.github.com\n'], 'exit_code'],
  ['a limit', ['pr acme/alpha', '', 1, 'HTTP 403: API rate limit exceeded for user'], 'exit_code'],
  ['a token refused', ['pr acme/alpha', '', 1, 'HTTP 401: Bad credentials (https://api.github.com/graphql)'], 'auth'],
  ['other words', ['pr acme/alpha', 'hello', 0, ''], 'exit_code'],
] as const)('%s is a fault and no empty list', async (_, part, fault) => {
  expect(await collect(said(part))).toMatchObject({ fault, batches: [] })
})

test('a repository without issues, one that is gone, and one nobody works in any more', async () => {
  const off = said(
    ['pr acme/alpha', '[]'],
    ['issue acme/alpha', '', 1, "the 'acme/alpha' repository has disabled issues"],
  )
  expect(rowsIn(await collect(off), 'github_repos')).toMatchObject([
    { state: 'ok', open_issues: null, issues_off: true },
  ])
  const gone = 'GraphQL: Could not resolve to a Repository with the name'
  const result = await collect(said(['pr acme/alpha', '', 1, gone], ['issue acme/alpha', '', 1, gone]), {
    known: { repos: REPOS, latest_github_repos: [{ scope: 'old/one' }] },
  })
  expect(rowsIn(result, 'github_repos')).toMatchObject([{ state: 'not_found', open_prs: null }])
  expect(result.batches.filter(({ scope }) => scope === 'old/one')).toMatchObject([{ rows: [] }, { rows: [] }])
})

test('every field it asks for is one that gh offers', () => {
  const script = githubScript()
  for (const [name, file] of [
    ['PF', 'pr'],
    ['IF', 'issue'],
  ] as const) {
    const offered = new Set(fixture(`${file}-fields.2.23.0.recorded.txt`).match(/\w+/g))
    const asked = new RegExp(`${name}='([^']+)'`).exec(script)?.[1]?.split(',') ?? []
    expect(asked.length).toBeGreaterThan(5)
    expect(asked.filter((field) => !offered.has(field))).toEqual([])
  }
})

describe.runIf(hasProgram('jq'))('the shape made by jq', () => {
  test('keeps the words of checks and nothing of their names', () => {
    const shape = /PS='([^']+)'/.exec(githubScript())?.[1] ?? ''
    const out = execFileSync('jq', ['-c', shape], { input: fixture('prs.handwritten.json') }).toString()
    expect(JSON.parse(out).map((item: { checks: string[] }) => item.checks)).toEqual([
      ['IN_PROGRESS', 'SUCCESS'],
      ['FAILURE'],
    ])
    expect(out).not.toContain('lint')
  })
})
