import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseLook } from '../../../src/collectors/beads/look.ts'
import { MAX_LINE_BYTES, parseIssueLines, parseIssueList } from '../../../src/collectors/beads/parse.ts'
import { parseTriage } from '../../../src/collectors/beads/triage.ts'

const fixture = (name: string): Uint8Array => readFileSync(join(import.meta.dirname, '../../fixtures/beads', name))
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const lines = (...values: readonly unknown[]) =>
  parseIssueLines(bytes(values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join('\n')))
const setOf = (parsed: ReturnType<typeof parseIssueLines>) => {
  if (parsed.is === 'refused') throw new Error(parsed.why)
  return parsed.set
}

describe('lists of the tools', () => {
  test.each([
    ['bd-list.json', 2],
    ['bd-list.envelope.json', 1],
    ['bd-list.empty.json', 0],
    ['br-list.envelope.json', 1],
    ['br-list.empty-envelope.json', 0],
    ['br-list.old-array.json', 1],
  ])('%s holds %i issues', (name, count) => {
    expect(setOf(parseIssueList(fixture(name))).issues).toHaveLength(count)
  })

  test.each([
    ['bd-error.json', 'no beads database found'],
    ['br-error.stderr.json', 'Beads workspace not initialized'],
    ['bd-status.json', 'no list of issues'],
  ])('%s is refused with its own words, never a project without issues', (name, why) => {
    expect(parseIssueList(fixture(name))).toEqual({ is: 'refused', why })
  })
})

describe('hostile lines', () => {
  test('fields of a wrong type are unknown, never zero', () => {
    const wild = {
      id: 'x',
      title: 7,
      status: [],
      priority: 'high',
      labels: 'a',
      created_at: 12,
      dependencies: { a: 1 },
    }
    expect(setOf(lines(wild)).issues[0]).toMatchObject({
      ...{ title: null, status: null, category: 'unknown', priority: null, labels: [], createdAt: null },
    })
    for (const priority of [-1, 5, 1.5, 2 ** 53, null])
      expect(setOf(lines({ id: 'x', priority })).issues[0]?.priority).toBe(null)
  })

  test('unknown statuses and types are kept as they are, and mean nothing', () => {
    const [issue] = setOf(lines({ id: 'x', status: 'simmering', issue_type: 'stew' })).issues
    expect([issue?.status, issue?.type, issue?.category]).toEqual(['simmering', 'stew', 'unknown'])
    expect(setOf(lines({ id: 'x', status: 'constructor' })).issues[0]?.category).toBe('unknown')
  })

  test('of a repeated id the last word counts, its links too', () => {
    const link = { issue_id: 'x', depends_on_id: 'y', type: 'blocks' }
    const set = setOf(lines({ id: 'x', title: 'old', dependencies: [link] }, { id: 'x', title: 'new' }))
    expect([set.issues.map(({ title }) => title), set.links, set.duplicates]).toEqual([['new'], [], 1])
  })

  test('links of somebody else, to itself and without a type', () => {
    const dependencies = [
      { issue_id: 'z', depends_on_id: 'y' },
      { depends_on_id: 'x' },
      { depends_on_id: 7 },
      null,
      'y',
    ]
    expect(setOf(lines({ id: 'x', dependencies })).links).toMatchObject([{ issue: 'x', on: 'x', type: 'blocks' }])
  })

  test('a line past all sense is counted and passed over', () => {
    const giant = `{"id":"big","description":"${'x'.repeat(MAX_LINE_BYTES)}"}`
    const set = setOf(lines(giant, { id: 'after' }))
    expect([set.issues.map(({ id }) => id), set.bad]).toEqual([['after'], 1])
    const tower = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    expect(setOf(lines(`{"id":"deep","x":${tower}}`, { id: 'after' })).issues.at(-1)?.id).toBe('after')
  })

  test('control characters leave titles; an id with one is none', () => {
    const set = setOf(lines({ id: 'x', title: '\u001b[2Jclear\u202e' }, { id: 'a\u0007b' }, { id: '' }, { id: 7 }))
    expect([set.issues[0]?.title, set.issues.length, set.bad]).toEqual(['[2Jclear', 1, 3])
  })

  test('bodies are measured and hashed, and are nowhere in what comes out', () => {
    const set = setOf(lines({ id: 'x', description: 'the secret plan', notes: 'hush', comments: [{ text: 'psst' }] }))
    expect(set.issues[0]).toMatchObject({ bodyChars: 19, comments: 1 })
    expect(JSON.stringify(set)).not.toMatch(/secret plan|hush|psst/)
  })

  test('the zero of the epoch means never, offsets are obeyed', () => {
    const [issue] = setOf(
      lines({ id: 'x', created_at: '1970-01-01T00:00:00Z', updated_at: '2025-10-01T09:00:00.5-07:00' }),
    ).issues
    expect([issue?.createdAt, issue?.updatedAt?.toISOString()]).toEqual([null, '2025-10-01T16:00:00.500Z'])
  })

  test('an empty file is a project without issues; rubbish is none', () => {
    expect(setOf(parseIssueLines(new Uint8Array())).issues).toEqual([])
    expect(parseIssueLines(bytes('<html>\nno\n'))).toEqual({ is: 'refused', why: 'none of its 2 lines is an issue' })
  })

  test('no bytes make any parser throw', () => {
    const part = fc.oneof(
      fc.json(),
      fc.string(),
      fc.constantFrom('{"id":"a"}', '\u001e', '\n', 'vc-beads 1 0011223344556677\n'),
    )
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const input = bytes(parts.join('\n'))
        for (const parse of [parseIssueLines, parseIssueList, parseLook, parseTriage])
          expect(() => parse(input)).not.toThrow()
      }),
    )
  })
})

describe('triage of bv', () => {
  test('today: counts mean what they say', () => {
    const { version, columns } = parseTriage(Buffer.concat([bytes('bv v0.16.0\n'), fixture('bv-triage.json')]))
    expect(version).toBe('0.16.0')
    expect(columns).toMatchObject({ counts_mean: 'strict', open_count: 3, actionable_count: 2, not_closed_count: 7 })
    expect(JSON.parse(String(columns?.quick_ref_json))).toEqual([
      { id: 'demo-a1f', score: 0.61, unblocks: 1, reasons: ['unblocks 1'] },
    ])
  })

  test('older: the same names mean something else, and lists may be null', () => {
    const { columns } = parseTriage(fixture('bv-triage.old.json'))
    expect(columns).toMatchObject({ counts_mean: 'open_is_not_closed', not_closed_count: null, quick_ref_json: '[]' })
  })

  test('the usage text of a bv without triage is no row of zeros', () => {
    const usage = 'bv v0.9.2\nflag provided but not defined: -robot-triage\nUsage of bv:\n'
    expect(parseTriage(bytes(usage))).toEqual({ version: '0.9.2', columns: null })
    expect(parseTriage(fixture('bv-insights.json')).columns).toBe(null)
  })
})
