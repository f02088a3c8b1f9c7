import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from './engine.ts'
import { TABLES } from './registry.ts'
import { text, time } from './sql.ts'
import type { TableSpec } from './tables/spec.ts'

/** Redacted words of dialogs are nobody's business but that of who answers them. */
const LEFT_OUT = new Set(['pending_dialogs'])

const tables: readonly TableSpec[] = TABLES
/** The newest picture of everything: `latest_…` tables, and those that hold one row per thing. */
const present = tables
  .flatMap(({ name, mode, latest }) => (mode === 'current' ? [name] : (latest ?? [])))
  .filter((name) => !LEFT_OUT.has(name))
const rollups = tables.flatMap((table) => table.rollups ?? [])

/**
 * A small database `dataDir/tmp/name` of what is now: the newest picture of every source, and rollups since `since` (UTC).
 * Replaces one of that name; nobody may write meanwhile. Returns its path.
 */
export const copyPresent = async (engine: Engine, dataDir: string, name: string, since: Date): Promise<string> => {
  const target = join(dataDir, 'tmp', name)
  await rm(target, { force: true })
  const { writer } = engine
  await writer.run(`ATTACH ${text(target)} AS vc_present`)
  try {
    for (const table of present) await writer.run(`CREATE TABLE vc_present."${table}" AS FROM "${table}"`)
    for (const table of rollups)
      await writer.run(
        `CREATE TABLE vc_present."${table}" AS FROM "${table}" WHERE bucket_at >= date_trunc('hour', ${time(since)})`,
      )
  } finally {
    await writer.run('DETACH vc_present')
  }
  return target
}
