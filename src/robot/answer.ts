import type { AskRequest, Reply } from '../core/carrier.ts'
import { EXIT, type ExitCode, usageError, VcError } from '../core/errors.ts'
import { displayText } from '../core/text.ts'
import { isStale, parseFormat, render } from './render.ts'

/** Names people and agents use for a parameter, and what the query calls it. */
const ALIAS: Record<string, string> = { m: 'machine' }

// Taken for no, a slip would let a stale answer pass as fresh.
const isAsked = (value: unknown): boolean => {
  if (value === undefined || value === false || value === 'false') return false
  if (value === true || value === 'true') return true
  throw usageError(
    'bad_params',
    `require-fresh is true or false, not “${displayText(String(value), 40)}”`,
    '--require-fresh alone asks for it',
  )
}

/** It is no wrong name: nobody has looked there yet, so nothing about it is fresh. */
const isUnlooked = (error: unknown): error is VcError =>
  error instanceof VcError && (error.code === 'machine_not_loaded' || error.code === 'not_looked_yet')

/** One robot answer as finished text: the same on the socket and in the embedded process. */
export const robotAnswer = async (
  ask: (request: AskRequest) => Promise<Reply>,
  topic: string,
  format: string,
  params: Readonly<Record<string, unknown>>,
): Promise<{ text: string; exit: ExitCode }> => {
  const { 'require-fresh': requireFresh, ...rest } = params
  const named = Object.fromEntries(Object.entries(rest).map(([name, value]) => [ALIAS[name] ?? name, value]))
  const wanted = parseFormat(format)
  const strict = isAsked(requireFresh)
  const reply = await ask({ topic, params: named }).catch((error: unknown) => {
    throw strict && isUnlooked(error)
      ? new VcError(error.code, error.message, error.fix, { exitCode: EXIT.stale })
      : error
  })
  return { text: render(reply, wanted), exit: strict && isStale(reply) ? EXIT.stale : EXIT.answered }
}
