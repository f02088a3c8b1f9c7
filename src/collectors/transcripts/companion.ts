import type { CollectContext } from '../../core/collector.ts'
import type { JobEntry } from '../../core/job.ts'
import type { CursorChange } from '../../core/rows.ts'
import type { AccountObservation } from '../accounts/index.ts'
import { COMPANION_PREFIX } from './cursor.ts'
import { homesElsewhere } from './homes.ts'
import type { KnownAccount, TranscriptSource } from './source.ts'

interface CompanionCursor {
  readonly mtimeMs: number
  readonly size: number
  readonly accountKey: string | null
  readonly sinceMs: number
}

export interface Companions {
  readonly accounts: readonly { readonly home: string; readonly account: KnownAccount }[]
  readonly observations: readonly AccountObservation[]
  readonly changes: readonly CursorChange[]
  /** Config homes besides the machine's usual one. */
  readonly elsewhere: readonly string[]
}

const cursorOf = (value: unknown): CompanionCursor | null => {
  const cursor = value as Partial<CompanionCursor> | null | undefined
  if (typeof cursor?.mtimeMs !== 'number' || typeof cursor.size !== 'number') return null
  if (typeof cursor.sinceMs !== 'number') return null
  return { mtimeMs: cursor.mtimeMs, size: cursor.size, sinceMs: cursor.sinceMs, accountKey: cursor.accountKey ?? null }
}

/** Reads the companions that changed since the last tick; the others answer from their cursor. */
export const readCompanions = async (
  ctx: CollectContext,
  source: TranscriptSource,
  listing: {
    readonly homes: Parameters<typeof homesElsewhere>[0]
    readonly companions: readonly {
      readonly home: string
      readonly entry: Pick<JobEntry, 'path' | 'mtimeMs' | 'size'>
    }[]
  },
  pick: (path: string) => Promise<Record<string, unknown> | null>,
): Promise<Companions> => {
  const accounts: { home: string; account: KnownAccount }[] = []
  const observations: AccountObservation[] = []
  const changes: CursorChange[] = []
  for (const { home, entry } of listing.companions) {
    const key = `${COMPANION_PREFIX}${entry.path}`
    let cursor = cursorOf(ctx.cursors.get(key))
    if (cursor === null || cursor.mtimeMs !== entry.mtimeMs || cursor.size !== entry.size) {
      const picked = await pick(entry.path)
      // Being rewritten just now, or not JSON: the old answer stays and the next tick looks again.
      if (picked === null) {
        ctx.warn(
          'companion_unreadable',
          `${entry.path} is not a readable JSON object`,
          'look at the file; vc tries again',
        )
      } else {
        const facts = source.companion?.read(picked, ctx.machine.id) ?? { accountKey: null, observations: [] }
        observations.push(...facts.observations)
        const same = cursor !== null && cursor.accountKey === facts.accountKey
        const sinceMs = same && cursor !== null ? cursor.sinceMs : ctx.startedAt.getTime()
        cursor = { mtimeMs: entry.mtimeMs, size: entry.size, accountKey: facts.accountKey, sinceMs }
        changes.push({ key, value: cursor })
      }
    }
    if (cursor !== null && cursor.accountKey !== null)
      accounts.push({ home, account: { key: cursor.accountKey, sinceMs: cursor.sinceMs } })
  }
  return { accounts, observations, changes, elsewhere: homesElsewhere(listing.homes) }
}
