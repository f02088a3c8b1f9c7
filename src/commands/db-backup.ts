import type { BackupReport } from '../core/keeper.ts'
import { makeBackup, openStore } from '../store/index.ts'
import { openJobRunner } from '../transport/jobs.ts'
import { requestText } from '../transport/socket-client.ts'
import { ownerAnswers } from './settled-owner.ts'
import { requireFile, type StorePlaces } from './store-places.ts'

export interface BackupSettings {
  readonly keep: number
  readonly minFreeBytes: number
  readonly version: string
}

const BACKUP_WAIT_MS = 3_600_000

/** A backup by whoever owns the store: the daemon when one runs, else this process for as long as it takes. */
export const backupStore = async (places: StorePlaces, settings: BackupSettings): Promise<BackupReport> => {
  if (await ownerAnswers(places)) {
    const request = { method: 'POST', path: '/v1/backup', timeoutMs: BACKUP_WAIT_MS } as const
    return JSON.parse((await requestText(places.socketFile, request)).text) as BackupReport
  }
  await requireFile(places)
  const store = await openStore({
    dataDir: places.dataDir,
    dbPath: places.dbFile,
    minFreeBytes: settings.minFreeBytes,
    programVersion: settings.version,
  })
  try {
    return await makeBackup({ store, jobs: openJobRunner(), now: new Date(), ...settings })
  } finally {
    await store.close()
  }
}
