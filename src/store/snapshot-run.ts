import { z } from 'zod'
import { VcError } from '../core/errors.ts'
import type { JobRunner } from '../core/job-runner.ts'
import { ownModule } from '../core/own-files.ts'
import { childFailure, endText } from './query-run.ts'

const MB = 1_048_576
const LIMITS = { wallMs: 600_000, maxRssBytes: 1536 * MB, maxOutputBytes: MB }

const Line = z.object({ done: z.boolean().optional(), error: z.unknown().optional() })

/**
 * A copy of the live file `from` as it stood a moment ago, made by a child while its owner goes on. False when it was
 * written back too often meanwhile.
 */
export const copyByChild = async (jobs: JobRunner, from: string, to: string): Promise<boolean> => {
  const child = jobs.start({
    ...LIMITS,
    entry: ownModule('store/snapshot-child'),
    input: { from, to, memoryMb: 512 },
  })
  let done: boolean | undefined
  for await (const text of child.lines) {
    const line = Line.parse(JSON.parse(text))
    if (line.error !== undefined) throw childFailure(line.error)
    done = line.done
  }
  const { end, stderr } = await child.ended
  if (done !== undefined) return done
  throw new VcError(
    'snapshot_failed',
    `the copy of ${from} for questions was not made: ${endText(end, stderr)}`,
    'try again when the machine is less busy',
  )
}
