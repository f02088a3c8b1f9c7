// What `vc record` needs of the house: collectors, ways to machines, and a look without a store.
import { collectors } from './collectors/index.ts'
import type { RecordPorts } from './commands/record.ts'
import { isLocal, type LoadedConfig } from './config/index.ts'
import { lookOnce } from './daemon/look-once.ts'
import { openWays } from './main-ways.ts'
import { openLocalExecutor } from './transport/local.ts'

export const recordPorts = (loaded: LoadedConfig): RecordPorts => ({
  collectors,
  open: async (machine) => (isLocal(machine) ? openLocalExecutor() : openWays(loaded).open(machine)),
  look: lookOnce,
})
