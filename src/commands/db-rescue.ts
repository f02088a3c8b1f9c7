import { type RescuedTable, type RescueReport, rescue } from '../store/rescue.ts'
import { openJobRunner } from '../transport/jobs.ts'
import { refuseDaemon, requireFile, type StorePlaces, takeLock } from './store-places.ts'

/** Saves what can be read of a damaged file and rebuilds it; needs the file to itself. */
export const rescueStore = async (
  places: StorePlaces,
  onTable: (table: RescuedTable) => void,
  now: Date,
  stop: AbortSignal,
): Promise<RescueReport | null> => {
  await refuseDaemon(places, 'its file cannot be rebuilt under it')
  await requireFile(places)
  const lock = await takeLock(places)
  try {
    return await rescue({ jobs: openJobRunner(), dataDir: places.dataDir, dbPath: places.dbFile, now, onTable, stop })
  } finally {
    await lock.release()
  }
}
