import { checkedQuestion, type MachineContent, searchContent } from '../commands/search-content.ts'
import type { Cockpit } from './cockpit.ts'

/** A content search over the connections that are kept for the machines. Cut and redacted here, stored nowhere. */
export const contentOf = (
  cockpit: Pick<Cockpit, 'fleet'>,
  given: Readonly<Record<string, unknown>>,
): Promise<readonly MachineContent[]> =>
  searchContent(checkedQuestion(given), (machineId, ask) => cockpit.fleet().askMachine(machineId, ask))
