/** Where the reading of a town's events stands. */
export interface FeedCursor {
  readonly inode: string
  readonly offset: number
}

/** What is remembered of a town between looks. */
export interface TownMemory {
  /** Rigs whose merge queue held something. */
  readonly queues: readonly string[]
  readonly turn: number
  readonly feed: FeedCursor | null
}

export const isTownMemory = (value: unknown): value is TownMemory =>
  typeof value === 'object' &&
  value !== null &&
  'queues' in value &&
  Array.isArray(value.queues) &&
  value.queues.every((rig) => typeof rig === 'string') &&
  'turn' in value &&
  Number.isSafeInteger(value.turn) &&
  'feed' in value

/** gt is run twice per look at most: its status, and in turn its convoys or one merge queue that is not empty. */
export const nextQuestion = ({ queues, turn }: TownMemory): string => {
  const questions = ['convoys', ...queues.map((rig) => `mq:${rig}`)]
  return questions[turn % questions.length] ?? 'convoys'
}
