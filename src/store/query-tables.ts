/** The question behind `vc query --tables`: each table with its columns and their types. */
export const TABLES_QUESTION = `
  SELECT t.table_name AS "table",
    string_agg(c.column_name || ' ' || lower(c.data_type), ', ' ORDER BY c.column_index) AS columns
  FROM duckdb_tables() AS t JOIN duckdb_columns() AS c USING (database_name, schema_name, table_name)
  WHERE NOT t.internal GROUP BY ALL ORDER BY ALL`
