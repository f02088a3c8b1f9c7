import { createHash } from 'node:crypto'
import { rowCount, type ScrapeRun } from '../core/rows.ts'
import { stretchOf } from './schedule.ts'

/** How much slower than configured a source is looked at now, because it keeps showing the same. */
export interface Pace {
  /** 1, 2 or 4. */
  readonly factor: number
  /** Epoch ms since when; 0 = since the start. */
  readonly sinceMs: number
  saw(run: ScrapeRun): void
}

// What agents and machines are judged critical by: processes, screens, live state, transcripts, quotas, guards, builds.
const CRITICAL: ReadonlySet<string> = new Set([
  'probe',
  'tmux',
  'terminals',
  'live',
  'claude',
  'codex',
  'gemini',
  'opencode',
  'caut',
  'caam',
  'dcg',
  'rch',
])

/** Whether a source may be looked at less often while nothing changes there. */
export const mayStretch = (source: string): boolean => !CRITICAL.has(source)

const MOST_ROWS = 2_000

const plain = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value)

// What a run showed; null when it did not show everything, or more than is worth comparing.
const shownBy = ({ up, partial, cursors, batches, warnings }: ScrapeRun): string | null => {
  const rows = batches.reduce((sum, batch) => sum + rowCount(batch), 0)
  if (!up || partial || cursors.length > 0 || rows > MOST_ROWS || batches.some((batch) => batch.packed)) return null
  return createHash('sha1')
    .update(JSON.stringify([batches, warnings], plain))
    .digest('base64')
}

export const openPace = (): Pace => {
  let shown: string | null = null
  let same = 0
  let sinceMs = 0
  return {
    get factor() {
      return stretchOf(same)
    },
    get sinceMs() {
      return sinceMs
    },
    saw(run) {
      const before = stretchOf(same)
      const now = shownBy(run)
      same = now !== null && now === shown ? same + 1 : 0
      shown = now
      if (stretchOf(same) !== before) sinceMs = run.startedAt.getTime()
    },
  }
}
