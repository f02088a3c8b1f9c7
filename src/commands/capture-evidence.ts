import { randomBytes } from 'node:crypto'
import {
  type DatabaseRows,
  type EvidenceTarget,
  evidenceAsk,
  parseEvidence,
  printableBundle,
  queriesOf,
} from '../collectors/evidence/index.ts'
import { AGENT_CLIS } from '../core/agent.ts'
import type { Asker } from '../core/ask.ts'
import { VcError } from '../core/errors.ts'
import type { Cell, Row } from '../core/rows.ts'
import { decodeUtf8, displayText } from '../core/text.ts'
import type { AgentRows } from './explain-agent.ts'
import type { EvidenceBundle } from './explain-bundle.ts'

/** A bundle of this moment, ready to be printed, and what could not be seen. */
export interface CapturedEvidence {
  readonly bundle: EvidenceBundle
  readonly notes: readonly string[]
}

const text = (cell: Cell | undefined): string | null => (typeof cell === 'string' && cell !== '' ? cell : null)
const whole = (cell: Cell | undefined): number | null => {
  const number = typeof cell === 'bigint' ? Number(cell) : cell
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null
}

const paneOf = (pane: Row | null): EvidenceTarget['pane'] => {
  const [socket, paneId] = [text(pane?.socket), text(pane?.pane_id)]
  return socket === null || paneId === null ? null : { socket, paneId, serverStartS: whole(pane?.server_start_epoch_s) }
}

/** Where to look for an agent, by its stored rows. */
export const targetOf = ({ agent, pane, session }: AgentRows, homes: readonly string[]): EvidenceTarget => {
  const pid = whole(agent.root_pid)
  return {
    cli: AGENT_CLIS.find((name) => name === agent.cli) ?? 'other',
    pane: paneOf(pane),
    root: pid === null ? null : { pid, startTicks: whole(agent.root_start_ticks) },
    sessionId: text(agent.session_id),
    cwd: text(agent.cwd),
    transcriptPath: text(session?.transcript_path),
    homes,
  }
}

const blind = (target: EvidenceTarget): boolean =>
  target.pane === null && target.root === null && target.transcriptPath === null && target.sessionId === null

// In process where vc runs, so that a machine without sqlite3 and python3 can still be read when it is this one.
const readLacking = async (
  asker: Asker,
  target: EvidenceTarget,
  lacking: readonly { readonly query: string; readonly path: string }[],
  notes: string[],
): Promise<DatabaseRows> => {
  const rows: Record<string, readonly Readonly<Record<string, unknown>>[]> = {}
  for (const { query, path } of lacking) {
    const sql = queriesOf(target)[query]
    if (sql === undefined || !path.startsWith('/')) continue
    const answer = await asker.sqlite(path, sql)
    if (answer.is === 'rows') rows[query] = [...(rows[query] ?? []), ...answer.rows]
    if (answer.is === 'fault')
      notes.push(`the database rows "${query}" could not be read: ${answer.detail ?? answer.fault}`)
  }
  return rows
}

/**
 * Looks at one agent now: one ask, whatever the machine shows. Nothing of it is stored; what is returned may be printed.
 * Throws `no_evidence` when the machine cannot be asked.
 */
export async function captureEvidence(
  rows: AgentRows,
  asker: Asker,
  homes: readonly string[] = [],
): Promise<CapturedEvidence> {
  const id = text(rows.agent.agent_id) ?? 'the agent'
  const target = targetOf(rows, homes)
  const refuse = (why: string): never => {
    throw new VcError(
      'no_evidence',
      `${id} cannot be looked at now: ${why}`,
      'stored rows: vc explain <agent> --stored',
    )
  }
  if (blind(target)) refuse('no pane, process or transcript of it is known')
  const nonce = randomBytes(8).toString('hex')
  const answer = await asker.run(evidenceAsk(target, nonce))
  if (answer.fault !== null) refuse(displayText(answer.detail ?? answer.fault, 300))
  const first = parseEvidence(answer.stdout, nonce, target)
  const said = displayText(decodeUtf8(answer.stderr.subarray(0, 300)), 200)
  if (first === null) return refuse(`its machine answered something else${said === '' ? '' : `: ${said}`}`)
  const notes: string[] = []
  const extra = await readLacking(asker, target, first.lacking, notes)
  const reading = (first.lacking.length === 0 ? first : parseEvidence(answer.stdout, nonce, target, extra)) ?? first
  const captured = reading.members.captured_at === null ? { captured_at: new Date().toISOString() } : {}
  const { agent_id, cli, cli_version, tty } = rows.agent
  const who = {
    id: agent_id,
    cli,
    cli_version: text(cli_version),
    session_id: target.sessionId,
    had_terminal: text(tty) !== null,
  }
  const bundle = printableBundle({ ...who, ...reading.members, ...captured })
  return { bundle, notes: [...reading.notes, ...notes] }
}
