import type { DuckDBConnection } from '@duckdb/node-api'

/**
 * The writer connection, with statements that nobody waits for: they travel in front of the next one that is run, in one
 * call of the driver. A small commit is mostly calls: half of what it costs is waking threads for each of them.
 */
export type Talk = DuckDBConnection & {
  /** Runs before whatever is asked next, in this order. Its error is the error of that next one. */
  say(sql: string): void
  /** Forgets what was said and not yet run. */
  unsay(): void
}

const talks = new WeakMap<DuckDBConnection, Talk>()

/** One per connection: what others remember of it stays with it. */
export const talkOf = (connection: DuckDBConnection): Talk => {
  const known = talks.get(connection)
  if (known) return known
  const talk = openTalk(connection)
  talks.set(connection, talk)
  return talk
}

const openTalk = (connection: DuckDBConnection): Talk => {
  let said: string[] = []
  const take = (): string => {
    const text = said.join(';\n')
    said = []
    return text
  }
  const first = async (): Promise<void> => {
    if (said.length > 0) await connection.run(take())
  }
  const own: Pick<Talk, 'say' | 'unsay' | 'run' | 'createAppender'> = {
    say(sql) {
      said.push(sql)
    },
    unsay() {
      said = []
    },
    async run(sql, values, types) {
      if (values === undefined) {
        said.push(sql)
        return connection.run(take())
      }
      await first()
      return connection.run(sql, values, types)
    },
    async createAppender(table, schema, catalog) {
      await first()
      return connection.createAppender(table, schema, catalog)
    },
  }
  // Everything else of a connection (runAndReadAll, interrupt) is inherited and comes back to these two.
  return Object.assign(Object.create(connection) as DuckDBConnection, own)
}
