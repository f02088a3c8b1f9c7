import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { statusEvents } from '../../../src/collectors/caut/events.ts'
import { parseCautUsage } from '../../../src/collectors/caut/parse.ts'

const fixture = (name: string): string => readFileSync(`tests/fixtures/caut/${name}`, 'utf8')
const parsed = (name: string) => {
  const usage = parseCautUsage(fixture(name), 'atlas')
  if (usage === null) throw new Error(`${name} is no envelope`)
  return usage
}
const brief = (name: string) => parsed(name).observations.map((o) => [o.provider, o.window_name, o.used_pct])

describe('the envelope of caut', () => {
  test('names windows by their length, and the third one after no model', () => {
    expect(brief('usage.ok.json')).toEqual([
      ['anthropic', '5h', 63],
      ['anthropic', '7d', 41],
      ['anthropic', '7d:model', 7],
    ])
    const [first] = parsed('usage.ok.json').observations
    expect(first).toMatchObject({
      account_label: 'ops-a@example.test',
      observed_source: 'caut.oauth',
      observed_at: new Date('2026-11-20T21:47:31.118Z'),
      resets_at: new Date('2026-11-20T23:00:00Z'),
    })
  })

  test('null windows are unknown, never 0 %', () => {
    expect(parsed('usage.ok.json').observations.filter((o) => o.provider === 'openai')).toEqual([])
    expect(parsed('usage.ok.json').identities.map((i) => i.provider)).toEqual(['openai', 'anthropic'])
  })

  test('keeps a share beyond 100, counts what nobody knows, and leaves an absent reset open', () => {
    const usage = parsed('usage.unknown_fields.json')
    expect(usage.observations.map((o) => o.used_pct)).toEqual([104.5, 41, 7])
    expect(usage.observations[1]?.resets_at).toBeNull()
    expect(usage.observations[0]?.account_key).toBe('unknown@atlas')
    expect(usage.unknown).toBe(2)
  })

  test('reads another schema version as far as it can', () => {
    const usage = parsed('usage.unknown_schema_version.json')
    expect([usage.schema, usage.observations.length]).toEqual(['caut.v2', 3])
  })

  test('is refused when it is none', () => {
    for (const text of ['', '[]', '{}', '{"accounts":[]}', '{"schemaVersion":"caut.v1"}', fixture('serve.health.json')])
      expect(parseCautUsage(text, 'atlas')).toBeNull()
  })

  test('never throws on anything', () => {
    const hostile = fc.oneof(fc.json(), fc.string(), fc.json().map((j) => `{"schemaVersion":"caut.v1","data":[${j}],"errors":[${j}]}`)) // biome-ignore format: one thought
    fc.assert(fc.property(hostile, (text) => void parseCautUsage(text, 'atlas')))
    const deep = `{"schemaVersion":"caut.v1","data":${'['.repeat(50_000)}${']'.repeat(50_000)}}`
    expect(() => parseCautUsage(deep, 'atlas')).not.toThrow()
  })

  test('shows no control characters of a foreign account', () => {
    const text = fixture('usage.ok.json').replaceAll('ops-a@example.test', 'ops\\u001b[31m@example.test')
    expect(JSON.stringify(parseCautUsage(text, 'atlas'))).not.toContain('\\u001b')
  })
})

describe('events of a provider', () => {
  const at = new Date('2026-11-20T22:00:00Z')

  test('come on a change only', () => {
    const standings = parsed('usage.with_status.json').standings
    const first = statusEvents({}, standings, at)
    expect(first.rows.map((row) => [row.provider, row.kind, row.status_before, row.status])).toEqual([
      ['openai', 'auth_warning', 'none', 'warned'],
      ['anthropic', 'outage', 'none', 'minor'],
    ])
    expect(statusEvents(first.said, standings, at).rows).toEqual([])
    const well = statusEvents(first.said, parsed('usage.ok.json').standings, at)
    // without --status nothing is known of outages: that is no recovery
    expect(well.rows.map((row) => [row.provider, row.kind, row.status])).toEqual([['openai', 'auth_warning', 'none']])
  })

  test('a page that does not answer is no outage', () => {
    const codex = parsed('usage.with_status.json').standings.find((one) => one.provider === 'openai')
    expect(codex?.outage).toBeNull()
  })

  test('a provider that fails and comes back is told twice', () => {
    const down = statusEvents({}, parsed('usage.partial_failure.stdout.json').standings, at)
    expect(down.rows).toMatchObject([{ kind: 'fetch_error', status: 'failed', provider: 'anthropic' }])
    const up = statusEvents(down.said, parsed('usage.ok.json').standings, at)
    expect(up.rows).toMatchObject([{ kind: 'fetch_error', status_before: 'failed', status: 'none' }])
  })
})
