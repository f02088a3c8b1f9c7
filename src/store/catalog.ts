import type { DuckDBConnection } from '@duckdb/node-api'

export interface Column {
  readonly name: string
  /** `VARCHAR`, `BIGINT`, `INTEGER`, `FLOAT`, `DOUBLE`, `BOOLEAN` or `TIMESTAMP`. */
  readonly type: string
  readonly nullable: boolean
}

export interface Table {
  readonly name: string
  readonly columns: readonly Column[]
  readonly byName: ReadonlyMap<string, Column>
  readonly primaryKey: readonly string[]
}

export type Catalog = ReadonlyMap<string, Table>

const COLUMNS = `
  SELECT table_name, column_name, data_type, is_nullable
  FROM duckdb_columns()
  WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal
  ORDER BY table_name, column_index`

const PRIMARY_KEYS = `
  SELECT table_name, array_to_string(constraint_column_names, ',')
  FROM duckdb_constraints()
  WHERE database_name = current_database() AND constraint_type = 'PRIMARY KEY'`

/** What the migrated file really holds: migrations are the truth for DDL. */
export const readCatalog = async (connection: DuckDBConnection): Promise<Catalog> => {
  const keys = new Map<string, string[]>()
  for (const [table, columns] of (await connection.runAndReadAll(PRIMARY_KEYS)).getRows()) {
    keys.set(String(table), String(columns).split(','))
  }
  const columns = new Map<string, Column[]>()
  for (const [table, name, type, nullable] of (await connection.runAndReadAll(COLUMNS)).getRows()) {
    const list = columns.get(String(table)) ?? []
    list.push({ name: String(name), type: String(type), nullable: nullable === true })
    columns.set(String(table), list)
  }
  return new Map(
    [...columns].map(([name, list]) => [
      name,
      {
        name,
        columns: list,
        byName: new Map(list.map((column) => [column.name, column])),
        primaryKey: keys.get(name) ?? [],
      },
    ]),
  )
}
