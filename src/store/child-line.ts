import { createInterface } from 'node:readline'
import { EXIT, type ExitCode, messageOf, VcError } from '../core/errors.ts'
import { refusedPlace } from '../core/refusal.ts'

/** What every child of the store ends with when it could not do its work. */
export interface ChildError {
  readonly error: { readonly code: string; readonly message: string; readonly fix: string; readonly exit: ExitCode }
}

/**
 * The task is the first line of standard input. The input then stays open: when it ends our parent is gone, and so are
 * we, in the middle of whatever runs.
 */
export const readTask = (): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })
    lines.once('line', (line) => {
      try {
        resolve(JSON.parse(line))
      } catch (error) {
        reject(error)
      }
    })
    lines.once('close', () => process.kill(process.pid, 'SIGKILL'))
  })

/** One JSON value as a line; waits while the reader is behind. */
export const say = (value: unknown): Promise<void> => sayLine(JSON.stringify(value))

export const sayLine = (line: string): Promise<void> =>
  new Promise((resolve) => {
    if (process.stdout.write(`${line}\n`)) resolve()
    else process.stdout.once('drain', resolve)
  })

const errorLine = (thrown: unknown): ChildError => {
  const error = refusedPlace(thrown) ?? thrown
  if (!(error instanceof VcError)) {
    return {
      error: {
        code: 'child_failed',
        message: messageOf(error),
        fix: 'report this with `vc db info`',
        exit: EXIT.fault,
      },
    }
  }
  return { error: { code: error.code, message: error.message, fix: error.fix, exit: error.exitCode } }
}

/** Runs a child's work on its task, says how it failed if it did, and ends the process once everything is written. */
export const runChild = async (work: (task: unknown) => Promise<void>): Promise<void> => {
  try {
    await work(await readTask())
  } catch (error) {
    await say(errorLine(error))
  }
  process.stdout.end(() => process.exit(0))
}
