import { describe, expect, test } from 'vitest'
import type { EvidenceTarget } from '../../../src/collectors/evidence/index.ts'
import { ofThisLife } from '../../../src/collectors/evidence/own-life.ts'

const BOOT_S = 1_700_000_000
const HOST = { btime: BOOT_S, clk_tck: 100 }
const BEGAN_MS = (BOOT_S + 500) * 1000

const target = (more: Partial<EvidenceTarget> = {}): EvidenceTarget => ({
  ...{ cli: 'opencode', pane: null, root: { pid: 7, startTicks: 50_000 }, sessionId: null, cwd: '/w' },
  ...{ transcriptPath: '/h/opencode.db', homes: [] },
  ...more,
})

const opencode = (updatedMs: number) => ({
  rows: {
    own: [
      { kind: 'own', row: '{"id":"ses_1"}' },
      { kind: 'session', row: JSON.stringify({ id: 'ses_1', parent_id: null, time_updated: updatedMs }) },
      { kind: 'record', row: '{"tbl":"message"}' },
    ],
    events: [{ seq: 1 }],
  },
  log: [`timestamp=${new Date(updatedMs).toISOString()} run=r1 message=asking session.id=ses_1`],
})

describe('a session of the same folder', () => {
  test('that was left before the process began is not its own: no dialog of a dead predecessor', () => {
    const left = opencode(BEGAN_MS - 60_000)
    expect(ofThisLife(target(), HOST, left)).toEqual({ rows: { own: [], events: [] }, log: [] })
  })

  test('that was active since is', () => {
    const active = opencode(BEGAN_MS + 1_000)
    expect(ofThisLife(target(), HOST, active)).toEqual(active)
  })

  test('is its own when its id is known, however old; and where nobody knows when the process began', () => {
    const old = opencode(BEGAN_MS - 60_000)
    expect(ofThisLife(target({ sessionId: 'ses_1' }), HOST, old)).toEqual(old)
    expect(ofThisLife(target({ root: null }), HOST, old)).toEqual(old)
    expect(ofThisLife(target(), { btime: null, clk_tck: 100 }, old)).toEqual(old)
  })

  test('of Codex: threads that were left before are nobody’s', () => {
    const threads = [
      { id: 'old', updated_at_ms: BEGAN_MS - 60_000 },
      { id: 'new', updated_at_ms: BEGAN_MS + 1_000 },
    ]
    const codex = target({ cli: 'codex', transcriptPath: null })
    expect(ofThisLife(codex, HOST, { rows: { threads }, log: [] }).rows.threads).toMatchObject([{ id: 'new' }])
    expect(ofThisLife(target({ cli: 'codex' }), HOST, { rows: { threads }, log: [] }).rows.threads).toHaveLength(2)
  })
})
