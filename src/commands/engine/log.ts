import { stripVTControlCharacters } from 'node:util'
import { usageError, VcError } from '../../core/errors.ts'
import { redact } from '../../core/redact.ts'
import { decodeUtf8, displayText } from '../../core/text.ts'
import { drawnLines, isDrawn } from '../../engine/drawn-log.ts'
import { askLogTail } from './machine-asks.ts'
import { managedNamed } from './named.ts'
import type { EngineHere } from './open.ts'
import { refOf } from './place.ts'

/** What an agent's terminal showed: content, so only on the owner's own door. Secrets are redacted, control bytes gone. */
export interface AgentLog {
  readonly agent: string
  readonly from: 'log' | 'screen'
  /** On its machine; null: of the screen. */
  readonly path: string | null
  readonly sizeBytes: number | null
  readonly lines: readonly string[]
}

const MAX_LINES = 5_000
const BYTES_A_LINE = 400
const MAX_BYTES = 512 * 1024

const linesAsked = (given: unknown): number => {
  if (given === undefined || given === null) return 200
  if (typeof given === 'number' && Number.isInteger(given) && given >= 1 && given <= MAX_LINES) return given
  throw usageError('bad_lines', 'that is no number of lines', `1 to ${MAX_LINES}`)
}

// A carriage return begins the line anew: what stood before it was overdrawn.
const cleanLine = (line: string): string => displayText(line.replace(/\r$/, '').split('\r').at(-1) ?? '', 2_000)

/** Terminal output that came line by line, as a person can read it. Pure. */
export const readableLines = (text: string, most: number): readonly string[] =>
  redact(stripVTControlCharacters(text)).split('\n').map(cleanLine).slice(-most)

/** Terminal output as lines: as it came, or, of a program that draws, as its terminal showed it. */
const shownLines = async (text: string, most: number): Promise<readonly string[]> =>
  readableLines(isDrawn(text) ? (await drawnLines(text, most)).join('\n') : text, most)

const notReached = (detail: string): VcError =>
  new VcError('unreachable', `its machine did not answer: ${displayText(detail, 300)}`, 'vc machines probe')

/** The newest lines of an agent's log, or of its screen with history. Throws VcError. */
export const readAgentLog = async (here: EngineHere, given: Readonly<Record<string, unknown>>): Promise<AgentLog> => {
  const agent = managedNamed(here.ports.book, given.agent)
  const most = linesAsked(given.lines)
  if (given.screen === true) {
    const ref = refOf(agent)
    if (ref === null)
      throw new VcError('no_terminal', `${agent.agent_id} has no terminal now`, `vc agent logs ${agent.agent_id}`)
    const [screen] = await (await here.ports.host(agent.machine_id)).capture([ref], { historyLines: most })
    if (screen?.is !== 'screen')
      throw notReached(screen?.is === 'gone' ? screen.detail : (screen?.message ?? 'no answer'))
    return {
      agent: agent.agent_id,
      from: 'screen',
      path: null,
      sizeBytes: null,
      lines: readableLines(screen.text, most),
    }
  }
  if (agent.log_path === null)
    throw new VcError('no_log', `${agent.agent_id} has no log`, `vc agent logs ${agent.agent_id} --screen`)
  const executor = await here.hosts.executor(agent.machine_id)
  const path = agent.log_path
  const ask = (bytes: number) => askLogTail(executor, path, Math.min(MAX_BYTES, bytes))
  const short = await ask(most * BYTES_A_LINE)
  // Who draws overdraws: many bytes for one line.
  const tail = short.is === 'log' && isDrawn(decodeUtf8(short.bytes)) ? await ask(MAX_BYTES) : short
  if (tail.is === 'not_reached') throw notReached(tail.detail)
  if (tail.is === 'missing')
    throw new VcError(
      'no_log',
      `${displayText(agent.log_path, 200)} is not there`,
      `vc agent logs ${agent.agent_id} --screen`,
    )
  return {
    agent: agent.agent_id,
    from: 'log',
    path: agent.log_path,
    sizeBytes: tail.size,
    lines: await shownLines(decodeUtf8(tail.bytes), most),
  }
}
