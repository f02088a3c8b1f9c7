import type { LoadedConfig, MachineConfig } from '../../config/index.ts'
import { byOwner } from '../by-owner.ts'
import { openFor } from '../evidence-ports.ts'
import type { AgentLog } from './log.ts'

/** A kept connection answers at once; a new one may take its time. */
const PATIENCE_MS = 60_000

/** The log of an agent, read by whoever owns the store. */
export const agentLog = (
  loaded: LoadedConfig,
  asked: Readonly<Record<string, unknown>>,
  onWait: (pid: number) => void,
): Promise<AgentLog> =>
  byOwner(
    { ...loaded.paths, onWait },
    {
      path: '/v1/engine/log',
      body: asked,
      timeoutMs: PATIENCE_MS,
      here: async (store) => {
        const [{ openEngineHere }, { readAgentLog }] = await Promise.all([import('./open.ts'), import('./log.ts')])
        const openExecutor = (machine: MachineConfig) => openFor(loaded, machine)
        const here = await openEngineHere({ store, loaded: () => loaded, openExecutor, now: () => new Date() })
        try {
          return await readAgentLog(here, asked)
        } finally {
          await here.close()
        }
      },
    },
  )
