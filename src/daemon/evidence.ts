import { type CapturedEvidence, captureEvidence } from '../commands/capture-evidence.ts'
import type { AgentRows } from '../commands/explain-agent.ts'
import type { Cockpit } from './cockpit.ts'

/** A look at one agent over the connection that is kept for its machine. Cut and redacted here, stored nowhere. */
export const evidenceOf = async (
  cockpit: Pick<Cockpit, 'ask' | 'fleet'>,
  agent: string,
  homesOn: (machineId: unknown) => readonly string[],
): Promise<CapturedEvidence> => {
  const rows = (await cockpit.ask({ topic: 'explain', params: { id: agent } })).data as AgentRows
  const machineId = String(rows.agent.machine_id)
  return cockpit.fleet().askMachine(machineId, (asker) => captureEvidence(rows, asker, homesOn(machineId)))
}
