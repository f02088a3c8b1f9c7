import * as z from 'zod'
import { EXIT, VcError } from '../core/errors.ts'
import type { JobRunner } from '../core/job-runner.ts'
import { ownModule } from '../core/own-files.ts'
import { endText, linesOf } from './query-run.ts'

export interface TableScan {
  readonly table: string
  /** Null when not even the metadata knows. */
  readonly rows: number | null
  /** What the engine said when the table could not be read; null when it could. */
  readonly broken: string | null
}

export interface FileScan {
  readonly tables: readonly TableScan[]
  /** Null in a file that is no store of vc. */
  readonly schema: number | null
  /** When the file was first made, ISO. */
  readonly begunAt: string | null
  /** When the newest run in the file began, ISO. */
  readonly newestAt: string | null
}

export interface ScanLimits {
  readonly wallMs: number
  readonly memoryMb: number
  readonly maxRssBytes: number
}

const MB = 1_048_576

/** Minutes, because a scan reads the whole file at low priority. */
export const SCAN_LIMITS: ScanLimits = { wallMs: 1_800_000, memoryMb: 512, maxRssBytes: 1536 * MB }

const Done = z.object({
  schema: z.number().nullable(),
  begunAt: z.string().nullable(),
  newestAt: z.string().nullable(),
})
const Line = z.object({
  table: z.string().optional(),
  rows: z.number().nullable().optional(),
  broken: z.string().optional(),
  done: Done.optional(),
})

/**
 * Rows of every table of a database file that nobody writes to, by a child. `deep` reads every block, so that a broken
 * table shows. Throws `store_broken` with the engine's sentence when the file does not open at all.
 */
export const scanTables = async (
  jobs: JobRunner,
  dbPath: string,
  options: { readonly deep: boolean; readonly onTable?: (scan: TableScan) => void; readonly limits?: ScanLimits },
): Promise<FileScan> => {
  const { wallMs, memoryMb, maxRssBytes } = options.limits ?? SCAN_LIMITS
  const child = jobs.start({
    entry: ownModule('store/backup-child'),
    input: { dbPath, deep: options.deep, memoryMb },
    wallMs,
    maxRssBytes,
    maxOutputBytes: 16 * MB,
  })
  const tables: TableScan[] = []
  let done: z.output<typeof Done> | undefined
  for await (const given of linesOf(child)) {
    const line = Line.parse(given)
    done = line.done
    if (line.table === undefined) continue
    const scan = { table: line.table, rows: line.rows ?? null, broken: line.broken ?? null }
    tables.push(scan)
    options.onTable?.(scan)
  }
  const { end, stderr } = await child.ended
  if (done === undefined) {
    const why = end.is === 'timeout' ? `it took longer than ${wallMs / 1000} s` : endText(end, stderr)
    throw new VcError(
      'scan_failed',
      `${dbPath} was not read to its end: ${why}`,
      'try again when the machine is less busy',
      {
        exitCode: end.is === 'timeout' ? EXIT.timedOut : EXIT.fault,
      },
    )
  }
  return { tables, ...done }
}
