import type { Reply } from '../core/carrier.ts'
import { messageOf } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'
import { diskFails } from '../core/refusal.ts'
import type { AppendOutcome } from '../core/rows.ts'
import { type Alert, evaluate, resolved } from '../oracle/evaluate.ts'
import { storeRules } from '../oracle/rules/index.ts'
import { despiteRoom, type StoreView } from '../oracle/rules/store-disk-full.ts'
import { type OwnChange, type Store, standingAlerts } from '../store/index.ts'
import { fromStored, toRow, turned } from './alert-rows.ts'

export interface StoreAlertPorts {
  readonly store: Pick<Store, 'db' | 'write' | 'hold'>
  readonly now: () => Date
  readonly log: Log
  /** Rules that vc.toml switched off. */
  readonly disabled?: () => readonly string[]
  /** What was judged here, for whoever tells people. */
  readonly onJudged?: (alerts: readonly Alert[], nowMs: number) => void
  /** Whoever asks sees other alerts than before: they were written, or are held until they can be. */
  readonly onShown?: () => void
}

export interface StoreAlert {
  /** How a run ended in the store: the first refusal for want of room raises the alert, the first success resolves it. */
  saw(outcome: AppendOutcome): void
  /** How a backup ended: null, or why it failed. */
  backedUp(failure: string | null): void
  /**
   * An answer while there is no room says so itself: what it holds is old, and on a disk that filled at one stroke not even
   * the alert could be written.
   */
  told(reply: Reply): Reply
  /** Whether the last outcomes were refused for any of what is told. */
  keepsNothing(): boolean
  /** Resolves when what was seen so far is written. */
  settled(): Promise<void>
}

/** What a refusal says about room; undefined when it was refused for another reason, which says nothing. */
const lackOf = (outcome: AppendOutcome): StoreView['lack'] => {
  if (outcome.ok) return null
  const match = /^disk_full: (\d+) bytes free, (\d+) are kept free/.exec(outcome.detail)
  return match ? { freeBytes: Number(match[1]), keptFreeBytes: Number(match[2]) } : undefined
}

/** What a refusal says about a file that is no longer where it was opened; undefined when it was refused for another reason. */
const awayOf = (outcome: AppendOutcome): string | null | undefined =>
  outcome.ok ? null : /^store_moved: (.*);/.exec(outcome.detail)?.[1]

/** What a refusal says about a disk that fails; undefined when it was refused for another reason. */
const failureOf = (outcome: AppendOutcome): string | null | undefined =>
  outcome.ok ? null : diskFails(outcome.detail) ? outcome.detail : undefined

const failureWarning = (why: string): string =>
  `store_disk_fails: the disk of vc's own data fails, so nothing new is kept (look at dmesg, and mount it anew; it said: ${why})`

const awayWarning = (what: string): string =>
  `store_moved: ${what}, so nothing new is kept (put it back, or begin anew: vc daemon stop, then vc daemon --detach)`

const megabytes = (bytes: number): string => `${Math.floor(bytes / 1_048_576)} MB`

const warningOf = (lack: NonNullable<StoreView['lack']>): string =>
  despiteRoom(lack)
    ? `store_disk_full: vc may write no more although its disk has ${megabytes(lack.freeBytes)} left, so nothing new is kept (look for a quota: quota -s; or make room; vc doctor says where)`
    : `store_disk_full: vc's own disk has ${megabytes(lack.freeBytes)} left and ${megabytes(lack.keptFreeBytes)} are kept free, so nothing new is kept (make room; vc doctor says where)`

const OWN: ReadonlySet<string> = new Set(storeRules.map(({ id }) => id))

/**
 * Alerts about vc's own store. They are judged from outcomes: of room, because nothing else can be written while there is none.
 * What there is no room to write is held in memory, shown as if it were written, and written as soon as there is room.
 */
export const openStoreAlert = ({ store, now, log, disabled, onJudged, onShown }: StoreAlertPorts): StoreAlert => {
  let standing: 'full' | 'room' | 'not seen' = 'not seen'
  let judging: Promise<void> = Promise.resolve()
  /** In the order in which it came about. */
  let unwritten: readonly OwnChange[] = []
  let shown = unwritten
  let complained = false
  let lackNow: NonNullable<StoreView['lack']> | null = null
  let awayNow: string | null = null
  let failureNow: string | null = null

  const judge = async (view: StoreView): Promise<void> => {
    const at = now()
    const stored = (await standingAlerts(store.db)).filter((row) => row.machine_id === null)
    const known = stored.map((row) => fromStored(row, at.getTime()))
    const before = new Map(known.map((alert) => [alert.alertId, alert]))
    const off = new Set(disabled?.() ?? [])
    const after = [
      ...evaluate(
        storeRules.filter(({ id }) => !off.has(id)),
        view,
        known,
        at.getTime(),
      ),
      ...known.filter(({ rule }) => OWN.has(rule) && off.has(rule)).map((alert) => resolved(alert, at.getTime())),
    ]
    onJudged?.(after, at.getTime())
    const rows = after.filter((alert) => turned(before.get(alert.alertId), alert)).map(toRow)
    const batches = [{ table: 'alerts', rows }]
    if (rows.length > 0)
      unwritten = [...unwritten, { machineId: 'fleet', source: 'oracle.store', at, urgent: true, batches }]
    await writeAll()
  }
  const writeAll = async (): Promise<void> => {
    if (unwritten.length === 0) return
    const refusal = await firstRefusal()
    if (shown !== unwritten) {
      await store.hold(unwritten)
      shown = unwritten
      onShown?.()
    }
    if (refusal !== null) throw new Error(refusal)
  }
  /** An end must not be written before its beginning. */
  const firstRefusal = async (): Promise<string | null> => {
    for (const change of unwritten) {
      const written = await store.write(change)
      if (!written.ok) return written.detail
      unwritten = unwritten.slice(1)
    }
    return null
  }
  const judgeInTurn = (view: StoreView, complaint: string): void => {
    judging = judging
      .then(() => judge(view))
      .then(() => {
        complained = false
      })
      .catch((error: unknown) => {
        // The next outcome tries again.
        standing = 'not seen'
        if (!complained) log.error({ [K.detail]: messageOf(error) }, complaint)
        complained = true
      })
  }
  const standingWarnings = (): readonly string[] =>
    [
      lackNow === null ? [] : warningOf(lackNow),
      awayNow === null ? [] : awayWarning(awayNow),
      failureNow === null ? [] : failureWarning(failureNow),
    ].flat()
  return {
    saw(outcome) {
      const away = awayOf(outcome)
      if (away !== undefined) awayNow = away
      const failure = failureOf(outcome)
      if (failure !== undefined) failureNow = failure
      const lack = lackOf(outcome)
      if (lack === undefined) return
      lackNow = lack
      const seen = lack === null ? 'room' : 'full'
      if (seen === standing) return
      standing = seen
      judgeInTurn({ lack }, 'the alert about the full disk was not stored')
    },
    backedUp(failure) {
      judgeInTurn({ backupFailure: failure }, 'the alert about the backup was not stored')
    },
    keepsNothing: () => standingWarnings().length > 0,
    told(reply) {
      const told = standingWarnings()
      return told.length === 0 ? reply : { ...reply, warnings: [...(reply.warnings ?? []), ...told] }
    },
    settled: () => judging,
  }
}
