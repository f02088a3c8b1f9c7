import { answer, queries } from '../../src/queries/index.ts'
import type { Bench, Figure } from '../bench.ts'
import { DAYS, type PastStore, seedPast } from '../past/seed.ts'

const TOPICS = ['health', 'status', 'machines', 'agents', 'triage'] as const
const ROUNDS = 15

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

/** Both from the rows of the store: what a daemon keeps ready would make the live side a look into memory. */
const answerMs = async (past: PastStore, topic: string, at: Date | null): Promise<number> => {
  const from = performance.now()
  const params = at === null ? {} : { at: at.toISOString() }
  // Without the memory of rows that a daemon keeps between two writes.
  await answer(queries, { topic, params }, { db: { rows: past.store.db.rows }, now: past.end, plan: past.plan })
  return performance.now() - from
}

const figureOf = async (past: PastStore, topic: string, times: number): Promise<Figure> => {
  const live: number[] = []
  const then: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    live.push(await answerMs(past, topic, null))
    // Spread over the whole time that is promised, never the same moment twice.
    const backMs = ((round + 0.5) / ROUNDS) * (DAYS - 2) * 86_400_000 + 3_600_000
    then.push(await answerMs(past, topic, new Date(past.end.getTime() - backMs)))
  }
  const ratio = median(then) / median(live)
  return {
    what: `${topic} --at, any of ${DAYS} days`,
    figure: `${median(then).toFixed(1)} ms`,
    baseline: `live ${median(live).toFixed(1)} ms`,
    ratio,
    target: `<= ${times} ×`,
    ok: ratio <= times,
  }
}

/** Looking back costs about as much as looking. */
export const timeMachine: Bench = {
  name: 'time-machine',
  about: 'answers --at a past time beside live ones, over 25 million samples (1 million unless full)',
  async run({ full }) {
    const past = await seedPast(full ? 25_000_000 : 1_000_000, new Date('2026-11-20T12:00:00Z'))
    try {
      const figures: Figure[] = []
      for (const topic of TOPICS) figures.push(await figureOf(past, topic, full ? 3 : 9))
      return figures
    } finally {
      await past.close()
    }
  },
}
