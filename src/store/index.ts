export { type BackupOptions, makeBackup } from './backup.ts'
export { storeCounts } from './backup-counts.ts'
export { type BackupFile, listBackups } from './backup-files.ts'
export { planRestore, type Restored, type RestorePlan, restoreBackup } from './backup-restore.ts'
export { openSnapshots, type Snapshots } from './backup-snapshots.ts'
export { type FileScan, scanTables, type TableScan } from './backup-tables.ts'
export { begunAnew } from './begun-anew.ts'
export type { Column, Table } from './catalog.ts'
export type { Plain } from './convert.ts'
export type { Db, Param, Params, PlainRow } from './db.ts'
export { DB_THREADS } from './db-threads.ts'
export {
  acquireLock,
  type LockHolder,
  lockedError,
  lockIsFree,
  processStart,
  readLock,
  type StoreLock,
} from './lock.ts'
export { type Migration, readMigrations } from './migrate.ts'
export type { OwnChange } from './own-run.ts'
export {
  QUERY_LIMITS,
  type QueryColumn,
  type QueryEnd,
  type QueryLimits,
  type QuerySink,
  runQuery,
} from './query-run.ts'
export * from './read/index.ts'
export { TABLES, type TableMode, type TableName, type TableSpec, tableSpec } from './registry.ts'
export { type RescuedTable, type RescueReport, rescue } from './rescue.ts'
export { roomElsewhere } from './room-elsewhere.ts'
export { freeBytesAt } from './space.ts'
export { MIGRATIONS_DIR, openStore, type Store, type StoreOptions } from './store.ts'
