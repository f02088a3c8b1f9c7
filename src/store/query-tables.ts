/** The question behind `vc query --tables`: each table with its columns and their types. */
export const TABLES_QUESTION = `
  SELECT t.table_name AS "table",
    string_agg(c.column_name || ' ' || lower(c.data_type), ', ' ORDER BY c.column_index) AS columns
  FROM duckdb_tables() AS t JOIN duckdb_columns() AS c USING (database_name, schema_name, table_name)
  WHERE NOT t.internal GROUP BY ALL ORDER BY ALL`

/** Of these tables those with days that only the archive holds, and the last of those days. Names are words of `[a-z0-9_]`. */
export const movedOutQuestion = (tables: readonly string[]): string =>
  `SELECT table_name, max(day) FROM archive_seals
   WHERE deleted_at IS NOT NULL AND table_name IN (${tables.map((name) => `'${name}'`).join(', ')}) GROUP BY ALL ORDER BY ALL`
