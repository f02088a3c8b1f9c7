import type { LoadedConfig } from '../config/index.ts'
import { VcError } from '../core/errors.ts'

/** Throws where a configuration cannot take the place of another while that is in force. */
export const refuseMoved = (before: LoadedConfig, after: LoadedConfig): void => {
  if (before.paths.dataDir === after.paths.dataDir && before.paths.dbFile === after.paths.dbFile) return
  throw new VcError(
    'restart_needed',
    'the new configuration keeps its data elsewhere, which a running daemon cannot follow',
    // By its pid: whoever reads the new file looks for a daemon at the new place.
    `put it back, or end this daemon (kill ${process.pid}) and start it anew: vc daemon --detach`,
  )
}
