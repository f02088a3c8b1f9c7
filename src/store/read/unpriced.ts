import type { Db } from '../db.ts'

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

/** Unpriced messages of a model behind a key, at most `limit`, in the order of their keys. */
export const unpricedMessages = (
  db: Db,
  { provider, model, behind, limit }: Pick<UnpricedModel, 'provider' | 'model'> & { behind: string; limit: number },
): Promise<UnpricedMessage[]> =>
  db.rows<UnpricedMessage>(
    `SELECT * EXCLUDE (collected_at, source, source_version, schema_version) FROM agent_usage
     WHERE cost_microusd IS NULL AND provider = $provider AND model = $model AND message_key > $behind
     ORDER BY message_key LIMIT ${Math.trunc(limit)}`,
    { provider, model, behind },
  )
