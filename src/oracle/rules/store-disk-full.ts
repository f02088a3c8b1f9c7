import type { Rule } from '../rule.ts'

/** What the store itself said; undefined where this time it said nothing about it. */
export interface StoreView {
  /** About room; null while there is enough. */
  readonly lack?: { readonly freeBytes: number; readonly keptFreeBytes: number } | null
  /** Why the last backup failed; null: it was made. */
  readonly backupFailure?: string | null
}

// Powers of 1024, as vc doctor counts the same room.
const MB = 1_048_576
const megabytes = (bytes: number): string => `${Math.round(bytes / MB)} MB`

/** A write was refused although more is free than is kept: a quota, or somebody filled the disk and made room again. */
export const despiteRoom = ({ freeBytes, keptFreeBytes }: NonNullable<StoreView['lack']>): boolean =>
  // Where hardly anything is to be kept free, a full disk has that much, too.
  freeBytes >= Math.max(keptFreeBytes, MB)

const titleOf = (lack: NonNullable<StoreView['lack']>): string =>
  despiteRoom(lack)
    ? `vc may write no more where its data lies, although ${megabytes(lack.freeBytes)} are free: collecting pauses (a quota?)`
    : `vc's own disk is full: collecting pauses until ${megabytes(Math.max(lack.keptFreeBytes, MB))} are free`

/** The disk vc writes to is full: nothing is collected until there is room, and what is committed stays. */
export const storeDiskFull: Rule<StoreView> = {
  id: 'store_disk_full',
  about: "the disk of vc's own data has too little room, so collecting pauses and reading goes on",
  holdMs: 0,
  clearMs: 0,
  judge({ lack }) {
    if (lack === undefined) return null
    if (lack === null) return []
    return [
      {
        machineId: null,
        subject: 'store',
        severity: 'critical',
        title: titleOf(lack),
        evidence: { free_bytes: lack.freeBytes, kept_free_bytes: lack.keptFreeBytes },
      },
    ]
  },
}
