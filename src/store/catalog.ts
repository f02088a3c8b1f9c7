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

// A line for each column: three thousand rows would take the driver longer than the database needs to find them.
const COLUMNS = `
  SELECT table_name,
    string_agg(concat_ws(chr(31), is_nullable, column_name, data_type), chr(30) ORDER BY column_index)
  FROM duckdb_columns()
  WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal
  GROUP BY table_name ORDER BY table_name`

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
  const tables = (await connection.runAndReadAll(COLUMNS)).getRows()
  return new Map(
    tables.map(([table, lines]) => {
      const [name, columns] = [String(table), String(lines).split('\u001e').map(columnOf)]
      const byName = new Map(columns.map((column) => [column.name, column]))
      return [name, { name, columns, byName, primaryKey: keys.get(name) ?? [] }]
    }),
  )
}

const columnOf = (line: string): Column => {
  const [nullable, name = '', type = ''] = line.split('\u001f')
  return { name, type, nullable: nullable === 'true' }
}
