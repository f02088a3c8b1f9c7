import type { ConfigProblem } from '../config/index.ts'
import { EXIT, type ExitCode, messageOf, VcError } from '../core/errors.ts'
import { refusedPlace } from '../core/refusal.ts'
import type { Warning } from '../core/rows.ts'
import { displayText, jsonText } from '../core/text.ts'
import { type CliIo, paintFor, wantsColour } from './io.ts'
import { asTyped } from './typed-as.ts'

// By shape, not by class: loading the configuration room only to print an error would cost more than printing it.
const problemsOf = (error: VcError): readonly ConfigProblem[] =>
  'problems' in error && Array.isArray(error.problems) ? (error.problems as ConfigProblem[]) : []

// By its name: the file of the socket is loaded by who asks it only. It went away in the middle of a question.
const noDaemon = (error: unknown): VcError | null =>
  error instanceof Error && error.name === 'NoDaemon'
    ? new VcError('no_daemon', error.message, 'see whether one runs: vc daemon status; then try again', {
        cause: error,
      })
    : null

const asVcError = (error: unknown): VcError =>
  error instanceof VcError
    ? error
    : (noDaemon(error) ??
      // Nothing to report.
      refusedPlace(error) ??
      new VcError(
        'internal',
        `something in vc broke: ${messageOf(error)}`,
        'please report it; VC_DEBUG=1 shows where',
        {
          cause: error,
        },
      ))

const place = (problem: ConfigProblem): string => `${problem.file}${problem.line === null ? '' : `:${problem.line}`}`

const sentences = (error: VcError): readonly Warning[] => {
  const problems = problemsOf(error).filter((problem) => problem.severity === 'error')
  if (problems.length === 0) return [error]
  return problems.map((problem) => ({ ...problem, message: `${place(problem)}: ${problem.message}` }))
}

const clean = (text: string): string =>
  text
    .split('\n')
    .map((line) => displayText(line, 2000))
    .join('\n     ')

const jsonOf = (error: VcError): string => {
  const { code, message, fix, exitCode } = error
  const problems = problemsOf(error)
  return jsonText({
    error: { code, message, fix, exit_code: exitCode, ...(problems.length > 0 && { problems }) },
  })
}

/** Says what went wrong on stderr, as `vc: sentence` and `  fix: …` or as one JSON object, and returns the exit code. */
export function printError(io: CliIo, thrown: unknown, json: boolean): ExitCode {
  const error = asVcError(thrown)
  const paint = paintFor(wantsColour({ ...io, stdout: io.stderr }))
  if (json) io.stderr.write(`${jsonOf(error)}\n`)
  else
    for (const { message, fix } of sentences(error)) {
      io.stderr.write(`${paint('bad', 'vc:')} ${clean(message)}\n`)
      if (fix !== '') io.stderr.write(`  ${paint('strong', 'fix:')} ${clean(asTyped(io, fix))}\n`)
    }
  if (io.env.VC_DEBUG && error.code === 'internal' && error.cause instanceof Error) {
    io.stderr.write(`${error.cause.stack ?? ''}\n`)
  }
  return error.exitCode ?? EXIT.fault
}
