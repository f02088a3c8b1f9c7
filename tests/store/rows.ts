import type { Row, RowBatch, ScrapeRun } from '../../src/core/rows.ts'
import { scrapeRun } from '../scrape-run.ts'

export const T0 = Date.UTC(2026, 0, 10, 12)
export const at = (seconds: number): Date => new Date(T0 + seconds * 1000)

export const runOf = (batches: readonly RowBatch[], about: Partial<ScrapeRun> = {}): ScrapeRun =>
  scrapeRun({ startedAt: at(0), durationMs: 12, bytes: 100, cpuMs: 1, batches, ...about })

export const sys = (seconds: number, more: Row = {}): Row => ({
  boot_id: 'boot',
  uptime_s: 1000 + seconds,
  cpu_pct: 12.5,
  cpu_decayed: false,
  partial: false,
  ...more,
})

export const usage = (key: string, ts: Date, more: Row = {}): Row => ({
  provider: 'anthropic',
  message_key: key,
  ts,
  cli: 'claude',
  session_id: 's1',
  is_sidechain: false,
  shared: false,
  model: 'claude-x',
  input_tokens: 10,
  output_tokens: 5,
  cache_read_tokens: 100,
  cache_write_5m_tokens: 3,
  cache_write_1h_tokens: 0,
  reasoning_tokens: 0,
  total_tokens: 118,
  cost_microusd: 42,
  price_source: 'test',
  ...more,
})
