import {
  type OpencodeAnswers,
  readClaudeRegistry,
  readClaudeTail,
  readCodexSocket,
  readCodexTail,
  readCodexThreads,
  readGeminiTail,
  readOpencodeLog,
  readOpencodeRows,
  readOpencodeServer,
  readProcesses,
  readTitle,
  type SeenProcess,
  type ThreadSighting,
} from '../collectors/agent-evidence/index.ts'
import { asArray, asNumber, asObject, asText, dateOfIso, type Json } from '../collectors/agent-evidence/json.ts'
import { inServer } from '../collectors/live/codex-server.ts'
import { MIN_WIDTH, readScreen } from '../collectors/screens/index.ts'
import { AGENT_STATES, type AgentCli, type Sighting, TIERS } from '../core/agent.ts'

type Bundle = Readonly<Record<string, unknown>>

interface Case {
  readonly cli: AgentCli
  readonly at: Date
  readonly pane: Json | null
  readonly processes: readonly SeenProcess[] | null
  readonly live: Json
  readonly tail: readonly unknown[]
  readonly sessionId: string | null
  readonly bundle: Bundle
}

const processOf = (value: unknown): SeenProcess[] => {
  const json = asObject(value)
  const pid = asNumber(json.pid)
  if (pid === null) return []
  const text = (name: string): string | null => asText(json[name])
  return [
    {
      pid,
      ppid: asNumber(json.ppid),
      startTicks: asNumber(json.start_ticks),
      comm: text('comm'),
      argv0: text('argv0'),
      script: text('script'),
      tty: text('tty'),
      state: text('state'),
      detached: json.detached === true,
    },
  ]
}

/** Session id in `…/<id>.jsonl`, `rollout-…-<uuid>.jsonl` or `opencode.db session=<id>`. */
const sessionOf = (path: string | null): string | null => {
  const named = /session=(\S+)/.exec(path ?? '')?.[1]
  const uuid = /([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.jsonl?$/.exec(path ?? '')?.[1]
  return named ?? uuid ?? null
}

const present = (...sightings: readonly (Sighting | null | undefined)[]): readonly Sighting[] =>
  sightings.filter((sighting) => sighting !== null && sighting !== undefined)

const cwdOf = (item: Case): string | null => asText(item.pane?.pane_current_path) ?? asText(item.pane?.current_path)

const titleOf = (item: Case): string =>
  asText(item.pane?.pane_title) ?? asText(item.pane?.title) ?? asText(asObject(item.live[item.cli]).title) ?? ''

function fromProcesses(item: Case): readonly Sighting[] {
  const deadPane = item.pane !== null && asNumber(item.pane.pane_dead ?? item.pane.dead) === 1
  if (item.processes === null && !deadPane) return []
  const hadTerminal = item.bundle.had_terminal === true
  return present(readProcesses(item.cli, deadPane ? [] : (item.processes ?? []), item.at, hadTerminal))
}

/** The screen's opinion; a screen that showed nothing known is told apart from no screen at all. */
function fromScreen(item: Case): readonly Sighting[] {
  const screen = asText(item.bundle.screen)
  if (screen === null) return []
  const ansi = asText(item.bundle.screen_ansi)
  const currentCommand = asText(item.pane?.pane_current_command) ?? asText(item.pane?.current_command) ?? ''
  const width = asNumber(item.pane?.pane_width ?? item.pane?.width) ?? 0
  const reading = readScreen({
    screen,
    ...(ansi === null ? {} : { ansi }),
    title: titleOf(item),
    currentCommand,
    width,
    cli: item.cli,
  })
  const base = { tier: 'screen', source: 'screen', asOf: item.at, seenAt: item.at, since: null } as const
  const silent = width > 0 && width < MIN_WIDTH ? 'screen.too_narrow@1' : 'screen.nothing@1'
  if (reading === null) return [{ ...base, says: 'unknown', rule: silent, until: null, reason: null }]
  return [{ ...base, says: reading.state, rule: reading.rule, until: reading.until, reason: reading.reason }]
}

function fromClaude(item: Case): readonly Sighting[] {
  const live = (item.processes ?? []).filter((process) => !process.detached)
  const registry = asArray(item.live.claude_sessions).map((file) => readClaudeRegistry(file, live, item.at))
  return present(...registry, readClaudeTail(item.tail))
}

const headless = (at: Date): Sighting => ({
  tier: 'process',
  source: 'process',
  says: 'unknown',
  rule: 'process.headless@1',
  asOf: at,
  seenAt: at,
  since: null,
  until: null,
  reason: null,
})

function fromCodex(item: Case): readonly Sighting[] {
  const codex = asObject(item.live.codex)
  const threads = asArray(codex.threads).map(asObject)
  const cwd = cwdOf(item)
  const byDirectory = threads
    .filter((thread) => asText(thread.cwd) === cwd)
    .sort((a, b) => (asNumber(b.updated_at_ms) ?? 0) - (asNumber(a.updated_at_ms) ?? 0))
  const id = item.sessionId ?? asText(byDirectory[0]?.id)
  const own = (entry: ThreadSighting): boolean => entry.threadId === id
  const turn = readCodexThreads(asArray(codex.thread_turns)).find(own)?.sighting
  const exec = asText(threads.find((thread) => thread.id === id)?.source) === 'exec'
  const socket = readCodexSocket(codex.socket_reply, item.at).find(own)?.sighting
  const served = turn?.says === 'working' && asArray(codex.served).includes(id) ? inServer(turn) : null
  return present(served, socket, readCodexTail(item.tail), turn, exec ? headless(item.at) : null)
}

/**
 * A turn of Codex that its background server goes on with does not die with its terminal, whose title and screen stay as they
 * were; while there is a terminal the server decides nothing.
 */
const outliving = (seen: readonly Sighting[]): readonly Sighting[] => {
  const isServer = ({ source }: Sighting): boolean => source === 'codex.server'
  const isDead = seen.some(({ tier }) => tier === 'death') && seen.some(isServer)
  return seen.filter((sighting) =>
    isDead ? isServer(sighting) || sighting.tier === 'transcript' : !isServer(sighting),
  )
}

const answersOf = (live: Json): OpencodeAnswers => ({
  status: live['/session/status'],
  permission: live['/permission'],
  question: live['/question'],
})

function fromOpencode(item: Case): readonly Sighting[] {
  const live = asObject(item.live.opencode)
  const ids = asArray(live.sessions).map(asObject)
  const own = item.sessionId ?? asText(ids.find((session) => asText(session.parent_id) === null)?.id)
  const children = ids
    .filter((session) => own !== null && session.parent_id === own)
    .map((session) => asText(session.id) ?? '')
  const server = own === null ? null : readOpencodeServer(answersOf(live), [own, ...children], item.at)
  const lines = [...asArray(live.log_tail), ...asArray(live.log_tail_of_this_run)].filter(
    (line) => typeof line === 'string',
  )
  const paneRun = asText(live.log_run_of_this_pane)
  const ordered = [...new Set(lines)].sort()
  const runs = readOpencodeLog(ordered, item.at)
  const run = runs.find((entry) => (paneRun === null ? own !== null && entry.sessionId === own : entry.run === paneRun))
  return present(server, run?.sighting, readOpencodeRows(item.tail))
}

const BY_CLI: Readonly<Record<AgentCli, (item: Case) => readonly Sighting[]>> = {
  claude: fromClaude,
  codex: fromCodex,
  gemini: (item) => present(readGeminiTail(item.tail)),
  opencode: fromOpencode,
  other: () => [],
}

/** A bundle made from stored rows carries its sightings ready; screen and records were never stored. */
function fromStored(stored: readonly unknown[], at: Date): readonly Sighting[] {
  return stored.map(asObject).flatMap((json) => {
    const says = AGENT_STATES.find((state) => state === json.says)
    const tier = TIERS.find((name) => name === json.tier)
    const [source, rule] = [asText(json.source), asText(json.rule)]
    if (says === undefined || tier === undefined || source === null || rule === null) return []
    const asOf = dateOfIso(json.as_of) ?? at
    const seenAt = dateOfIso(json.seen_at) ?? asOf
    return [
      {
        tier,
        source,
        says,
        rule,
        asOf,
        seenAt,
        since: dateOfIso(json.since),
        until: dateOfIso(json.until),
        reason: asText(json.reason),
      },
    ]
  })
}

/** Everything one bundle shows, as sightings. Reads evidence members only. */
export function bundleSightings(bundle: Bundle, cli: AgentCli, at: Date): readonly Sighting[] {
  if (Array.isArray(bundle.sightings)) return fromStored(bundle.sightings, at)
  const pane = typeof bundle.pane === 'object' && bundle.pane !== null ? asObject(bundle.pane) : null
  const processes = Array.isArray(bundle.processes) ? bundle.processes.flatMap(processOf) : null
  const path = asText(bundle.transcript_path)
  const item: Case = {
    cli,
    at,
    pane,
    processes,
    live: asObject(bundle.live_state),
    tail: asArray(bundle.transcript_tail),
    sessionId: sessionOf(path) ?? asText(bundle.session_id),
    bundle,
  }
  const title = readTitle(cli, titleOf(item), { at, cwd: cwdOf(item) })
  return outliving([...fromProcesses(item), ...BY_CLI[cli](item), ...present(title), ...fromScreen(item)])
}
