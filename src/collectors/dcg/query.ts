import { type Columns, type DatabaseSql, integerOf, textOf } from '../database-ask.ts'

export const DCG_TABLES = ['commands', 'schema_version'] as const
export const DCG_REQUIRED = ['commands.id', 'commands.timestamp', 'commands.outcome', 'commands.command'] as const
/** Newest layout that was compared with the program's source. */
export const DCG_TESTED_SCHEMA = 5
export const PAGE_EVENTS = 1_000

/**
 * What was not simply allowed, after `lastId`. The command itself stays where it is: its shape is measured there. A first
 * word travels only when it looks like the name of a program, so neither an assignment nor a quoted secret can pass for one.
 */
export const dcgSql = (lastId: string, columns: Columns, rows: number): DatabaseSql => {
  const text = (name: string, chars: number) => textOf(columns, `commands.${name}`, 'c', chars)
  const version = columns.includes('schema_version.version')
    ? '(SELECT CAST(max(version) AS INTEGER) FROM schema_version)'
    : 'NULL'
  const first = "CASE WHEN instr(c.text, ' ') > 0 THEN substr(c.text, 1, instr(c.text, ' ') - 1) ELSE c.text END"
  return {
    selects: [
      `SELECT 'head', json_object('max_id', (SELECT CAST(max(id) AS TEXT) FROM commands), 'version', ${version})`,
      `SELECT 'event', json_object('id', CAST(c.id AS TEXT), 'ts', ${text('timestamp', 40)}, 'outcome', ${text('outcome', 16)},
        'rule', ${text('rule_id', 256)}, 'pack', ${text('pack_id', 128)}, 'pattern', ${text('pattern_name', 128)},
        'severity', ${text('severity', 16)}, 'cwd', ${text('working_dir', 4096)}, 'agent', ${text('agent_type', 64)},
        'layer', ${text('allowlist_layer', 64)}, 'hash', ${text('command_hash', 64)}, 'eval_us', ${integerOf(columns, 'commands.eval_duration_us', 'c')},
        'chars', length(c.text), 'lines', length(c.text) - length(replace(c.text, char(10), '')) + 1,
        'program', CASE WHEN length(c.first) <= 128 AND c.first NOT GLOB '*[^A-Za-z0-9_./+-]*' THEN c.first END)
      FROM (SELECT c.*, ${first} AS first FROM (SELECT *, ltrim(CAST(command AS TEXT)) AS text FROM commands
        WHERE id > ${lastId} AND outcome <> 'allow' ORDER BY id LIMIT ${rows}) AS c) AS c`,
    ],
  }
}
