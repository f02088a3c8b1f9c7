/** A consistent copy of the store for questions, made by its owner. */
export interface Snapshot {
  readonly path: string
  /** ISO time of the moment it shows. */
  readonly madeAt: string
  readonly ageS: number
}

/** A backup that was written, opened again and read to its end. */
export interface BackupReport {
  readonly path: string
  readonly bytes: number
  readonly durationMs: number
  readonly rows: number
  readonly tables: readonly { readonly table: string; readonly rows: number }[]
  readonly schema: number | null
  /** Older backups that were removed. */
  readonly pruned: readonly string[]
}

/** Rows of each table, from whoever has the store open. */
export interface StoreCounts {
  readonly schema: number | null
  /** When the file was first made, ISO; null where nobody wrote it down. */
  readonly begunAt: string | null
  readonly tables: readonly { readonly table: string; readonly rows: number }[]
}

/** What the owner of the store does for commands that may not open the live file themselves. */
export interface StoreKeeper {
  snapshot(): Promise<Snapshot>
  backup(): Promise<BackupReport>
  counts(): Promise<StoreCounts>
}
