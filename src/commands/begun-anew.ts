import type { Reply } from '../core/carrier.ts'
import { warning } from '../queries/define.ts'
import { begunAnew, type Store } from '../store/index.ts'

/** Answers a person looks at first; a figure of one topic is not the place to repeat it. */
const TOLD: ReadonlySet<string> = new Set(['health', 'status', 'machines', 'machine', 'triage', 'doctor'])

/** The reply, and beside it that all it knows is younger than a backup of what was there before. */
export const saysBegunAnew = async (reply: Reply, store: Pick<Store, 'dataDir' | 'begunAt'>): Promise<Reply> => {
  const found = TOLD.has(reply.topic) ? await begunAnew(store) : null
  if (found === null) return reply
  const said = warning('begun_anew', found.message, found.fix)
  return { ...reply, warnings: [...(reply.warnings ?? []), said], begunAnew: found }
}
