// How `vc explain` looks at an agent now: through the daemon that keeps the connections, else over a way of its own.
import { live } from '../collectors/live/index.ts'
import { collectorSettings, isLocal, type LoadedConfig, type MachineConfig } from '../config/index.ts'
import { VcError } from '../core/errors.ts'
import type { Executor } from '../core/executor.ts'
import { type CapturedEvidence, captureEvidence } from './capture-evidence.ts'
import type { AgentRows } from './explain-agent.ts'
import { machineNamed } from './machines-named.ts'

/** Looks at one agent now. Throws VcError when its machine cannot be asked. */
export type CaptureNow = (rows: AgentRows) => Promise<CapturedEvidence>

/** `claude_homes` in force there: config homes of Claude Code besides the usual one. */
export const evidenceHomes = ({ config }: LoadedConfig, machineId: unknown): readonly string[] => {
  const machine = config.machines.find(({ id }) => id === machineId)
  const homes = machine === undefined ? null : collectorSettings(config, machine, live).options.claude_homes
  return Array.isArray(homes) ? homes.filter((home) => typeof home === 'string') : []
}

const PATIENCE_MS = 60_000

/** Over the daemon's own connections; what comes back was cut and redacted there. */
export const daemonCapture =
  ({ paths }: LoadedConfig): CaptureNow =>
  async ({ agent }) => {
    const { NoDaemon, requestText } = await import('../transport/socket-client.ts')
    const body = { agent: agent.agent_id }
    const { text } = await requestText(paths.socketFile, {
      method: 'POST',
      path: '/v1/evidence',
      body,
      timeoutMs: PATIENCE_MS,
    }).catch((error: unknown) => {
      if (!(error instanceof NoDaemon)) throw error
      throw new VcError('no_evidence', `the daemon did not answer (${error.why})`, 'try again; see: vc daemon status')
    })
    return JSON.parse(text) as CapturedEvidence
  }

/** A way of one's own to a machine; whoever opens it closes it. */
export const openFor = async (loaded: LoadedConfig, machine: MachineConfig): Promise<Executor> => {
  if (isLocal(machine)) return (await import('../transport/local.ts')).openLocalExecutor()
  const [{ openExecutor }, { fleetWay, machineWay }] = await Promise.all([
    import('../transport/open-executor.ts'),
    import('./fleet-way.ts'),
  ])
  return (await openExecutor(machineWay(machine), fleetWay(loaded))).executor
}

/** Over a connection that is opened for this one question and closed again. */
export const ownCapture =
  (loaded: LoadedConfig): CaptureNow =>
  async (rows) => {
    const machine = machineNamed(loaded, String(rows.agent.machine_id))
    const { openAsker } = await import('../transport/asker.ts')
    const executor = await openFor(loaded, machine)
    const asker = openAsker({ executor, local: executor.kind === 'local' })
    const run = asker.beginRun()
    try {
      return await captureEvidence(rows, run, evidenceHomes(loaded, machine.id))
    } finally {
      run.end()
      asker.close()
      await executor.close()
    }
  }
