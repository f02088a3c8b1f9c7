import { createHash } from 'node:crypto'
import type { Row } from '../core/rows.ts'
import { dateOf, numberOf, paneKeyOf, sameRow, textOf, withoutEnvelope } from './agent-rows.ts'
import { type JoinInput, type LiveRoot, liveRoots, paneAlias, processAlias, sessionAlias } from './agent-session.ts'

export interface IdentityInput extends JoinInput {
  readonly machineId: string
  /** False when the process table could not be read: then nobody is declared ended. */
  readonly processesKnown: boolean
  readonly agents: readonly Row[]
  readonly aliases: readonly Row[]
  /** Ids given to agents that are not among these; none is given again. */
  readonly taken?: ReadonlySet<string>
}

/** The names by which agents that live are looked up. */
export const namesOfLive = (input: JoinInput): readonly string[] =>
  liveRoots(input).flatMap((root) => [
    processAlias(root),
    ...(root.sessionId === null ? [] : [sessionAlias(root.cli, root.sessionId)]),
    ...(root.pane === null ? [] : [paneAlias(root.pane)]),
  ])

/** Changed rows only: the same input twice brings nothing the second time. */
export interface IdentityOutcome {
  readonly agents: readonly Row[]
  readonly aliases: readonly Row[]
  /** Agents alive now, by root, with their row as it stands after this step. */
  readonly live: readonly { readonly agentId: string; readonly root: LiveRoot; readonly row: Row }[]
  /** Agents whose terminal is closed while their turn goes on elsewhere. */
  readonly outliving: readonly Row[]
  /** Agents that ended in this step, those merged into an older id among them. */
  readonly ended: readonly Row[]
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** `<machine>/<cli>-<4 base32 characters>` from a seed; a taken id moves on to the next characters, never to reuse. */
export function mintAgentId(machineId: string, cli: string, seed: string, taken: ReadonlySet<string>): string {
  for (let round = 0; ; round += 1) {
    const digest = createHash('sha256').update(`${seed}\0${round}`).digest()
    const suffix = [...digest.subarray(0, 4)].map((byte) => ALPHABET[byte & 31]).join('')
    const id = `${machineId}/${cli}-${suffix}`
    if (!taken.has(id)) return id
  }
}

interface Book {
  readonly agents: Map<string, Row>
  readonly aliases: Map<string, Row>
  readonly now: Date
  readonly machineId: string
  /** Ids that became aliases of an older one in this step. */
  readonly merged: Set<string>
  readonly taken: ReadonlySet<string>
}

const ownerOf = (book: Book, alias: string): string | null => {
  const row = book.aliases.get(alias)
  return row === undefined ? null : textOf(row, 'agent_id')
}

const point = (book: Book, alias: string, agentId: string): void => {
  if (ownerOf(book, alias) === agentId) return
  book.aliases.set(alias, { machine_id: book.machineId, alias, agent_id: agentId, since: book.now })
}

const seenFirst = (row: Row): number => dateOf(row, 'first_seen')?.getTime() ?? 0

const processOf = (row: Row): string =>
  `proc:${textOf(row, 'boot_id') ?? ''}:${numberOf(row, 'root_pid')}:${numberOf(row, 'root_start_ticks')}`

/** Two ids turned out to be one agent: the older stays, the other becomes its alias and everything of it points there. */
function merge(book: Book, a: string, b: string): string {
  const [rowA, rowB] = [book.agents.get(a), book.agents.get(b)]
  if (rowA === undefined || rowB === undefined || a === b) return rowA === undefined ? b : a
  const [kept, lost] = seenFirst(rowA) <= seenFirst(rowB) ? [a, b] : [b, a]
  for (const [alias, row] of book.aliases) if (row.agent_id === lost) point(book, alias, kept)
  point(book, `agent:${lost}`, kept)
  const gone = book.agents.get(lost)
  if (gone !== undefined && dateOf(gone, 'ended') === null) {
    book.agents.set(lost, { ...gone, ended: book.now })
    book.merged.add(lost)
  }
  return kept
}

const mint = (book: Book, root: LiveRoot): string => {
  const taken = new Set([
    ...book.taken,
    ...book.agents.keys(),
    ...[...book.aliases.keys()].filter((alias) => alias.startsWith('agent:')).map((alias) => alias.slice(6)),
  ])
  return mintAgentId(book.machineId, root.cli, `${book.machineId}\0${root.cli}\0${processAlias(root)}`, taken)
}

/**
 * Who a root is: the agent known for this very process, else the one whose session it resumes. A pane says nothing:
 * another agent may have been started in it. A session that still runs in another live process stays with that one.
 */
function identify(book: Book, root: LiveRoot, living: ReadonlySet<string>): string {
  const runsElsewhere = (agentId: string): boolean => {
    const process = processOf(book.agents.get(agentId) ?? {})
    return process !== processAlias(root) && living.has(process)
  }
  const owner = ownerOf(book, processAlias(root))
  const known = owner === null || runsElsewhere(owner) ? null : owner
  const resumed = root.sessionId === null ? null : ownerOf(book, sessionAlias(root.cli, root.sessionId))
  const resumedRow = resumed === null ? undefined : book.agents.get(resumed)
  const elsewhere = resumed !== null && runsElsewhere(resumed)
  if (known === null && (resumedRow === undefined || resumed === null || elsewhere))
    return placedIn(book, root, runsElsewhere) ?? mint(book, root)
  if (known === null) return resumed as string
  if (resumed === null || resumed === known || elsewhere || resumedRow === undefined) return known
  const otherSession = [...book.aliases.values()].some(
    (row) => row.agent_id === known && String(row.alias).startsWith('session:'),
  )
  return otherSession ? known : merge(book, known, resumed)
}

const rowOf = (book: Book, root: LiveRoot, agentId: string): Row => {
  const known = book.agents.get(agentId)
  const kept = (column: string, value: string | null): string | null =>
    value ?? (known === undefined ? null : textOf(known, column))
  return {
    agent_id: agentId,
    machine_id: book.machineId,
    cli: root.cli,
    kind: known === undefined ? 'observed' : (textOf(known, 'kind') ?? 'observed'),
    first_seen: (known && dateOf(known, 'first_seen')) ?? book.now,
    ended: null,
    session_id: root.beginsAnew ? null : kept('session_id', root.sessionId),
    parent_session_id: kept('parent_session_id', null),
    cli_version: kept('cli_version', root.cliVersion),
    cwd: kept('cwd', root.cwd),
    repo_id: kept('repo_id', null),
    boot_id: root.bootId,
    root_pid: root.pid,
    root_start_ticks: root.startTicks,
    // What it had: who lost it is no run that never needed one.
    tty: root.tty ?? (known !== undefined && processOf(known) === processAlias(root) ? textOf(known, 'tty') : null),
    pane_key: root.pane === null ? null : paneKeyOf(root.pane),
    session_name: root.pane === null ? null : textOf(root.pane, 'session_name'),
    account_key: kept('account_key', null),
  }
}

function settle(book: Book, root: LiveRoot, agentId: string): Row {
  const row = rowOf(book, root, agentId)
  book.agents.set(agentId, row)
  point(book, processAlias(root), agentId)
  if (root.sessionId !== null) point(book, sessionAlias(root.cli, root.sessionId), agentId)
  if (root.pane !== null) point(book, paneAlias(root.pane), agentId)
  return row
}

/** The agent of this very process is known to have ended. */
const hasEnded = (book: Book, root: LiveRoot): boolean => {
  const row = book.agents.get(ownerOf(book, processAlias(root)) ?? '')
  return row !== undefined && dateOf(row, 'ended') !== null && processOf(row) === processAlias(root)
}

const changedRows = (before: readonly Row[], after: Iterable<Row>, key: string): readonly Row[] => {
  const known = new Map(before.map((row) => [row[key], row]))
  return [...after].filter((row) => {
    const old = known.get(row[key])
    return old === undefined || !sameRow(old, row)
  })
}

/** The engine wrote it down this recently: the process table may have been read before it began. */
const YOUNG_MS = 90_000

/**
 * Started by vc and not to be judged by the known CLIs' processes: just placed, or a program of no known CLI whose own
 * terminal still stands with the process that was started in it.
 */
const isHeld = (book: Book, row: Row, panes: readonly Row[]): boolean => {
  if (row.kind !== 'managed') return false
  const since = dateOf(book.aliases.get(processOf(row)) ?? {}, 'since')
  if (since !== null && book.now.getTime() - since.getTime() < YOUNG_MS) return true
  if (row.cli !== 'other') return false
  const pane = panes.find((one) => one.gone !== true && paneKeyOf(one) === textOf(row, 'pane_key'))
  return pane !== undefined && pane.dead !== true && numberOf(pane, 'pane_pid') === numberOf(row, 'root_pid')
}

/** The word of Codex's background server on the turn of an agent that has no process any more. */
export const serverWordOn = (row: Row, { sightings, processes }: JoinInput): Row | null => {
  const session = row.cli === 'codex' ? textOf(row, 'session_id') : null
  if (session === null) return null
  const word = sightings.find(
    (one) => one.gone !== true && one.sighting_source === 'codex.server' && textOf(one, 'session_id') === session,
  )
  const lives = processes.some((one) => one.cli === 'codex' && one.detached === true && one.gone !== true)
  return word !== undefined && lives ? word : null
}

/** The agent that vc started in this terminal of its own: what runs there is that agent, whatever wraps it. */
const placedIn = (book: Book, root: LiveRoot, runsElsewhere: (agentId: string) => boolean): string | null => {
  const owner = root.pane === null ? null : ownerOf(book, paneAlias(root.pane))
  const row = owner === null ? undefined : book.agents.get(owner)
  if (owner === null || row?.kind !== 'managed' || dateOf(row, 'ended') !== null || runsElsewhere(owner)) return null
  return textOf(row, 'pane_key') === (root.pane === null ? null : paneKeyOf(root.pane)) ? owner : null
}

/** Agents and aliases after one look at a machine. Pure; ids depend only on the input. */
export function identifyAgents(input: IdentityInput): IdentityOutcome {
  const agents = input.agents.map(withoutEnvelope)
  const aliases = input.aliases.map(withoutEnvelope)
  const book: Book = {
    agents: new Map(agents.map((row) => [String(row.agent_id), row])),
    aliases: new Map(aliases.map((row) => [String(row.alias), row])),
    now: input.now,
    machineId: input.machineId,
    merged: new Set(),
    taken: input.taken ?? new Set(),
  }
  const roots = [...liveRoots(input)].sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid)
  const living = new Set(roots.filter(({ hasLeft }) => !hasLeft).map(processAlias))
  const live = roots.flatMap((root) => {
    if (root.hasLeft && hasEnded(book, root)) return []
    const agentId = identify(book, root, living)
    const row = settle(book, root, agentId)
    return root.hasLeft ? [] : [{ agentId, root, row }]
  })
  const alive = new Set(live.map((entry) => entry.agentId))
  const closed = input.processesKnown
    ? [...book.agents.values()].filter(
        (row) => dateOf(row, 'ended') === null && !alive.has(String(row.agent_id)) && !isHeld(book, row, input.panes),
      )
    : []
  const outliving = closed.filter((row) => serverWordOn(row, input) !== null)
  const ended = closed.filter((row) => !outliving.includes(row))
  for (const row of ended) book.agents.set(String(row.agent_id), { ...row, ended: input.now })
  return {
    agents: changedRows(agents, book.agents.values(), 'agent_id'),
    aliases: changedRows(aliases, book.aliases.values(), 'alias'),
    live,
    outliving,
    ended: [...ended.map((row) => String(row.agent_id)), ...book.merged]
      .map((id) => book.agents.get(id))
      .filter((row) => row !== undefined),
  }
}
