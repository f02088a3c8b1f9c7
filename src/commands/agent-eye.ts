import { randomBytes } from 'node:crypto'
import { asArray, asNumber, asObject, asText, type Json } from '../collectors/agent-evidence/json.ts'
import { type EvidenceTarget, evidenceAsk, parseEvidence, queriesOf } from '../collectors/evidence/index.ts'
import { readScreen } from '../collectors/screens/index.ts'
import { dialogHash } from '../collectors/tmux/screen.ts'
import { AGENT_CLIS, type AgentCli, type Sighting } from '../core/agent.ts'
import type { AgentSight, DialogSight, LiveWord } from '../core/agent-adapter.ts'
import type { AgentEye } from '../core/agent-eye.ts'
import type { Asker } from '../core/ask.ts'
import { VcError } from '../core/errors.ts'
import type { PaneRef } from '../core/session-host.ts'
import { displayText } from '../core/text.ts'
import { decide } from '../oracle/agent-state.ts'
import {
  locateTranscript,
  type PromptWatch,
  type TranscriptPlace,
  watchLines,
  watchRows,
} from './agent-eye-transcript.ts'
import { bundleSightings } from './explain-sightings.ts'

export interface EyeTarget {
  /** `generic` programs are judged by their process alone. */
  readonly cli: AgentCli | 'generic'
  readonly pane: PaneRef
  readonly cwd: string
  /** The CLI's own session, where it is known. */
  readonly sessionId: string | null
  /** Config homes besides the usual ones (`~/.claude`, `$CODEX_HOME` …). */
  readonly homes?: readonly string[]
}

const dialogIn = (cli: AgentCli, screen: string, title: string): DialogSight | null => {
  const reading = readScreen({ screen, title, currentCommand: '', width: 0, cli })
  return reading?.dialog == null ? null : { hash: dialogHash(reading.dialog), ...reading.dialog }
}

/** The dialog on a captured screen, as vc knows it by its hash; null: none, or no CLI that vc reads. */
export const dialogOn = (cli: unknown, screen: unknown): DialogSight | null => {
  const name = AGENT_CLIS.find((one) => one === cli)
  return name === undefined || typeof screen !== 'string' ? null : dialogIn(name, screen, '')
}

/** The registry entry of a process below this pane. */
const registryOf = (members: Json): Json | null => {
  const pids = new Set(asArray(members.processes).map((row) => asNumber(asObject(row).pid)))
  const all = asArray(asObject(members.live_state).claude_sessions).map(asObject)
  return all.find((entry) => pids.has(asNumber(entry.pid))) ?? null
}

const LIVE_STATES: Readonly<Record<string, LiveWord>> = {
  working: 'busy',
  needs_approval: 'waiting',
  asked_question: 'waiting',
  idle: 'idle',
  turn_finished: 'idle',
}

/** OpenCode writes no line when a dialog is answered: its log is no word about this moment. */
const liveOf = (cli: AgentCli, sightings: readonly Sighting[]): LiveWord | null => {
  const own = sightings.find(
    ({ tier, source }) => tier === 'live' && (cli !== 'claude' || source === 'claude.registry'),
  )
  return cli === 'opencode' || own === undefined ? null : (LIVE_STATES[own.says] ?? null)
}

/** Of a program that is none of the CLIs nobody judges: a shell in its pane is the agent, not what it left behind. */
const UNJUDGED = { state: 'unknown', rule: 'none' } as const

const processOf = (sightings: readonly Sighting[], members: Json, cli: AgentCli): AgentSight['process'] => {
  const has = (tier: Sighting['tier'], says: string): boolean =>
    sightings.some((sighting) => sighting.tier === tier && sighting.says === says)
  if (cli === 'other') {
    if (members.processes === null) return 'unknown'
    const dead = asNumber(asObject(members.pane).pane_dead) === 1
    return dead || asArray(members.processes).length === 0 ? 'gone' : 'alive'
  }
  if (has('death', 'dead')) return 'gone'
  if (has('process', 'stalled')) return 'stopped'
  return sightings.some(({ rule }) => rule.startsWith('process.')) ? 'alive' : 'unknown'
}

/** An eye on one agent: the evidence that `vc explain` takes, judged by the one judge, and its transcript. */
export function openAgentEye(asker: Asker, target: EyeTarget): AgentEye & { place(): Promise<TranscriptPlace> } {
  const { pane, cwd } = target
  const cli = AGENT_CLIS.find((name) => name === target.cli) ?? 'other'
  const homes = target.homes ?? []
  let sessionId = target.sessionId
  let found: TranscriptPlace | null = null
  let watching: PromptWatch | null = null

  const place = async (): Promise<TranscriptPlace> => {
    if (found?.is === 'file') return found
    found = await locateTranscript(asker, cli, { sessionId, pid: pane.pid, homes })
    if (found.is !== 'unknown') sessionId = found.sessionId ?? sessionId
    return found
  }

  const evidence = async (): Promise<Json> => {
    const known = cli === 'other' ? null : await place()
    const aim: EvidenceTarget = {
      cli,
      pane: { socket: pane.socket, paneId: pane.paneId, serverStartS: pane.serverStartS },
      root: { pid: pane.pid, startTicks: pane.startTicks },
      sessionId,
      cwd,
      transcriptPath: known?.is === 'file' ? known.path : null,
      homes,
    }
    const nonce = randomBytes(8).toString('hex')
    const answer = await asker.run(evidenceAsk(aim, nonce))
    const first = answer.fault === null ? parseEvidence(answer.stdout, nonce, aim) : null
    if (first === null) {
      const why = displayText(answer.detail ?? answer.fault ?? 'it answered something else', 200)
      throw new VcError('no_evidence', `the agent cannot be looked at: ${why}`, 'see: vc machines probe')
    }
    const extra: Record<string, readonly Readonly<Record<string, unknown>>[]> = {}
    for (const { query, path } of first.lacking) {
      const sql = queriesOf(aim)[query]
      const rows = sql === undefined ? null : await asker.sqlite(path, sql)
      if (rows?.is === 'rows') extra[query] = [...(extra[query] ?? []), ...rows.rows]
    }
    return (first.lacking.length === 0 ? first : (parseEvidence(answer.stdout, nonce, aim, extra) ?? first)).members
  }

  const look = async (): Promise<AgentSight> => {
    const members = await evidence()
    const counted = (await watching?.count()) ?? { recorded: null, waiting: null, sessionId: null }
    const seenAt = new Date(asText(members.captured_at) ?? Date.now())
    const sightings = bundleSightings({ ...members, cli }, cli, seenAt)
    const verdict = cli === 'other' ? UNJUDGED : decide(sightings, { now: seenAt })
    const fields = asObject(members.pane)
    const screen = asText(members.screen) ?? ''
    const title = asText(fields.pane_title) ?? ''
    const registered = cli === 'claude' ? asText(registryOf(members)?.sessionId) : null
    // `/clear` and the like begin another session in the same process, with another file
    if (registered !== null && registered !== sessionId) found = null
    sessionId = registered ?? sessionId
    sessionId ??= counted.sessionId
    return {
      seenAt,
      screen,
      ansi: asText(members.screen_ansi) ?? '',
      title,
      process: processOf(sightings, members, cli),
      inMode: asNumber(fields.pane_in_mode) === 1,
      state: verdict.state,
      rule: verdict.rule,
      dialog: dialogIn(cli, screen, title),
      live: liveOf(cli, sightings),
      sessionId,
      recorded: counted.recorded,
      waiting: counted.waiting,
    }
  }

  return {
    look,
    place,
    dialogOf: (screen) => dialogIn(cli, screen, ''),
    async watch(prompt) {
      watching = null
      if (prompt === null || cli === 'other') return
      if (sessionId === null) await look()
      watching =
        cli === 'opencode'
          ? await watchRows(asker, prompt, { place, cwd, sessionId })
          : await watchLines(asker, cli, prompt, place)
    },
  }
}
