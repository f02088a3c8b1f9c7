import type { AskRequest, Reply } from '../core/carrier.ts'
import { EXIT, type ExitCode } from '../core/errors.ts'
import { isStale, parseFormat, render } from './render.ts'

/** Names people and agents use for a parameter, and what the query calls it. */
const ALIAS: Record<string, string> = { m: 'machine' }

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
  const reply = await ask({ topic, params: named })
  const strict = requireFresh === true || requireFresh === 'true'
  return { text: render(reply, wanted), exit: strict && isStale(reply) ? EXIT.stale : EXIT.answered }
}
