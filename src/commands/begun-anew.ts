import type { Reply } from '../core/carrier.ts'
import { begunAnew, type Store } from '../store/index.ts'

/** Answers a person looks at first; a figure of one topic is not the place to repeat it. */
const TOLD: ReadonlySet<string> = new Set(['health', 'status', 'machines', 'triage', 'doctor'])

/** The reply, and beside it that all it knows is younger than a backup of what was there before. */
export const saysBegunAnew = async (reply: Reply, store: Pick<Store, 'dataDir' | 'begunAt'>): Promise<Reply> => {
  const says = TOLD.has(reply.topic) ? await begunAnew(store) : null
  return says === null ? reply : { ...reply, warnings: [...(reply.warnings ?? []), says] }
}
