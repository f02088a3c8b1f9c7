import * as z from 'zod'
import { VcError } from '../core/errors.ts'
import type { JobRunner } from '../core/job-runner.ts'
import { ownModule } from '../core/own-files.ts'
import { endText, linesOf } from './query-run.ts'

const MB = 1_048_576
const LIMITS = { wallMs: 1_800_000, maxRssBytes: 1536 * MB, maxOutputBytes: MB }

const Line = z.object({ done: z.boolean().optional() })

/**
 * A copy of the live file `from` as it stood a moment ago, made by a child while its owner goes on; `rowsInto` gets every
 * row of that copy, read once more. False when the live file was written back too often meanwhile.
 */
export const copyByChild = async (
  jobs: JobRunner,
  from: string,
  to: string,
  rowsInto: string | null = null,
): Promise<boolean> => {
  const child = jobs.start({
    ...LIMITS,
    entry: ownModule('store/snapshot-child'),
    input: { from, to, rowsInto, memoryMb: 512 },
  })
  let done: boolean | undefined
  for await (const given of linesOf(child)) {
    const line = Line.parse(given)
    done = line.done
  }
  const { end, stderr } = await child.ended
  if (done !== undefined) return done
  throw new VcError(
    'snapshot_failed',
    `${from} was not copied: ${endText(end, stderr)}`,
    'try again when the machine is less busy',
  )
}
