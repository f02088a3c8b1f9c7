import { openAsker } from '../../src/transport/asker.ts'
import { openLocalExecutor } from '../../src/transport/local.ts'

/** One run of questions to this machine; `end` lets go of everything. */
export const openLocalAsker = () => {
  const executor = openLocalExecutor()
  const maker = openAsker({ executor, local: true })
  const asker = maker.beginRun()
  return {
    asker,
    async end(): Promise<void> {
      asker.end()
      maker.close()
      await executor.close()
    },
  }
}
