import type { SqlSession } from '../../core/sql-port.ts'
import { RigTrouble, rowsOf } from './ask.ts'

/** Columns of each table of the database that was connected to. */
export type Schema = ReadonlyMap<string, ReadonlySet<string>>

const TABLES = [
  'issues dependencies labels comments events custom_statuses metadata schema_migrations local_metadata',
].flatMap((line) => line.split(' '))

/** Without these nothing sensible can be said; bd has had them since its first Dolt schema. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  issues: ['id', 'title', 'status', 'priority', 'issue_type', 'created_at', 'updated_at'],
  dependencies: ['issue_id', 'depends_on_id', 'type'],
}

/** @throws RigTrouble `bad_output` for a database without issues, `incompatible_version` naming the columns that lack. */
export async function readSchema(session: SqlSession): Promise<Schema> {
  const rows = await rowsOf(
    session,
    `SELECT table_name AS t, column_name AS c FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name IN (${TABLES.map(() => '?').join(', ')})`,
    TABLES,
  )
  const schema = new Map<string, Set<string>>()
  for (const { t, c } of rows) {
    const columns = schema.get(String(t)) ?? new Set()
    schema.set(String(t), columns.add(String(c)))
  }
  checkSchema(schema)
  return schema
}

export function checkSchema(schema: Schema): void {
  const tables = Object.keys(NEEDED).filter((table) => !schema.has(table))
  if (tables.length > 0)
    throw new RigTrouble('bad_output', `no beads database: table ${tables.join(' and ')} is missing`)
  const columns = Object.entries(NEEDED).flatMap(([table, names]) =>
    names.filter((name) => !schema.get(table)?.has(name)).map((name) => `${table}.${name}`),
  )
  if (columns.length > 0) throw new RigTrouble('incompatible_version', `older schema, without ${columns.join(', ')}`)
}

const WANTED = (
  'id title description design acceptance_criteria notes status priority issue_type assignee created_at started_at ' +
  'updated_at closed_at due_at defer_until estimated_minutes external_ref ephemeral is_template'
).split(' ')

const BODIES = new Set(['description', 'design', 'acceptance_criteria', 'notes'])

/** Columns of `issues` to select: never `*`, bodies only as what they weigh. */
export const issueColumns = (schema: Schema): string => {
  const has = schema.get('issues') ?? new Set()
  const plain = WANTED.filter((name) => has.has(name) && !BODIES.has(name)).map((name) => `\`${name}\``)
  const bodies = [...BODIES].filter((name) => has.has(name)).map((name) => `COALESCE(\`${name}\`, '')`)
  if (bodies.length === 0) return plain.join(', ')
  const parts = bodies.join(", '\\n', ")
  const chars = bodies.map((body) => `CHAR_LENGTH(${body})`).join(' + ')
  return [...plain, `(${chars}) AS body_chars`, `SHA2(CONCAT(${parts}), 256) AS body_sha256`].join(', ')
}
