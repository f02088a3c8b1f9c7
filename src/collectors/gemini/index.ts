import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import { ownModule } from '../../core/own-files.ts'
import type { CursorChange, Row } from '../../core/rows.ts'
import { collectTranscripts } from '../transcripts/collect.ts'
import { cursorsOf } from '../transcripts/cursor.ts'
import { projectOf } from '../transcripts/ledger.ts'
import { findRoots, projectDirOf } from './project-root.ts'
import { geminiSource } from './source.ts'

const ROOT_PREFIX = '#root:'

/** Project directory of each session, from all cursors old and new. */
const sessionDirs = (ctx: CollectContext, changes: readonly CursorChange[]): ReadonlyMap<string, string> => {
  const changed = changes.map(({ key, value }) => [key, value] as const)
  const dirs = new Map<string, string>()
  for (const [path, cursor] of cursorsOf(new Map([...ctx.cursors, ...changed]))) {
    const dir = projectDirOf(path)
    if (dir !== null && cursor.session !== null) dirs.set(cursor.session.sessionId, dir)
  }
  return dirs
}

const knownRoots = (ctx: CollectContext): ReadonlyMap<string, string> =>
  new Map(
    [...ctx.cursors].flatMap(([key, value]) =>
      key.startsWith(ROOT_PREFIX) && typeof value === 'string' ? [[key.slice(ROOT_PREFIX.length), value]] : [],
    ),
  )

const dirOfRow = (row: Row, dirs: ReadonlyMap<string, string>): string | undefined => {
  const byPath = typeof row.transcript_path === 'string' ? projectDirOf(row.transcript_path) : null
  return byPath ?? dirs.get(String(row.session_id))
}

const placed = (row: Row, cwd: string | undefined): Row => {
  if (cwd === undefined) return row
  return 'project' in row ? { ...row, cwd, project: projectOf(cwd) } : { ...row, cwd }
}

/** Chats do not say where they ran: the project directory does, asked once and kept beside the cursors. */
const withProjects = async (ctx: CollectContext, result: CollectResult): Promise<CollectResult> => {
  const dirs = sessionDirs(ctx, result.cursors ?? [])
  const roots = new Map(knownRoots(ctx))
  const rows = result.batches.filter((batch) => batch.table.startsWith('agent_')).flatMap((batch) => batch.rows)
  const asked = new Set(rows.map((row) => dirOfRow(row, dirs)).filter((dir) => dir !== undefined && !roots.has(dir)))
  const found = await findRoots(ctx, [...asked] as string[])
  for (const [dir, root] of found) roots.set(dir, root)
  const batches = result.batches.map((batch) =>
    batch.table.startsWith('agent_')
      ? { ...batch, rows: batch.rows.map((row) => placed(row, roots.get(dirOfRow(row, dirs) ?? ''))) }
      : batch,
  )
  const learned = [...found].map(([dir, root]) => ({ key: `${ROOT_PREFIX}${dir}`, value: root }))
  return { ...result, batches, cursors: [...(result.cursors ?? []), ...learned] }
}

export const gemini = defineCollector({
  name: 'gemini',
  version: geminiSource.version,
  schemaVersion: 1,
  tables: ['agent_usage', 'agent_sessions', 'agent_sightings', 'prices'],
  interval: { localS: 30, remoteS: 30 },
  timeoutMs: 25_000,
  needs: [],
  tested: { gemini: '0.61.0' },
  reads: { files: ['~/.gemini/tmp/*/chats/**', '~/.gemini/projects.json', '.project_root'] },
  about: 'Gemini CLI chats: tokens by message, errors and turn ends; only new bytes are read, no text is kept',
  collect: async (ctx) =>
    withProjects(
      ctx,
      await collectTranscripts(ctx, {
        source: geminiSource,
        job: ownModule('collectors/gemini/scan-job'),
        inRows: true,
      }),
    ),
})
