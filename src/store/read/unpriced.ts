import type { Db } from '../db.ts'
import { time } from '../sql.ts'

export interface UnpricedModel {
  readonly provider: string
  readonly model: string
  readonly last_ts: string
}

/** Models with messages that no price was known for when they were read. */
export const unpricedModels = (db: Db): Promise<UnpricedModel[]> =>
  db.rows<UnpricedModel>(
    `SELECT provider, model, max(ts) AS last_ts FROM agent_usage
     WHERE cost_microusd IS NULL AND model IS NOT NULL GROUP BY provider, model ORDER BY provider, model`,
  )

/** What a price is made from. */
export interface MessageTokens {
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_read_tokens: number
  readonly cache_write_5m_tokens: number
  readonly cache_write_1h_tokens: number
}

/** A message as it stands in the ledger; the other columns are there as well. */
export interface UnpricedMessage extends MessageTokens {
  readonly message_key: string
  readonly ts: string
}

/** Where the next page begins. */
export type UnpricedBehind = Pick<UnpricedMessage, 'ts' | 'message_key'>

/**
 * Unpriced messages of a model behind another, at most `limit`, the oldest first. Messages of one time lie together in the
 * file: in the order of their keys each page of half a year would be of all of it, and so would what its commit writes back.
 */
export const unpricedMessages = (
  db: Db,
  {
    provider,
    model,
    behind,
    limit,
  }: Pick<UnpricedModel, 'provider' | 'model'> & { readonly behind: UnpricedBehind | null; readonly limit: number },
): Promise<UnpricedMessage[]> => {
  const from = behind === null ? null : time(new Date(behind.ts))
  return db.rows<UnpricedMessage>(
    `SELECT * EXCLUDE (collected_at, source, source_version, schema_version) FROM agent_usage
     WHERE cost_microusd IS NULL AND provider = $provider AND model = $model
       ${from === null ? '' : `AND ts >= ${from} AND (ts > ${from} OR message_key > $key)`}
     ORDER BY ts, message_key LIMIT ${Math.trunc(limit)}`,
    { provider, model, ...(behind === null ? {} : { key: behind.message_key }) },
  )
}
