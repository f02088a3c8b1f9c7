import type { AgentVerdict, Sighting } from '../core/agent.ts'
import { liveRank, standingOf } from './agent-standing.ts'

export interface DecideContext {
  readonly now: Date
}

/** A rest record that came up to this long before the live source was looked at may have overtaken its file. */
const RACE_MS = 2_000

const newestFirst = (a: Sighting, b: Sighting): number => b.asOf.getTime() - a.asOf.getTime()
const seen = (sighting: Sighting): Date => sighting.seenAt ?? sighting.asOf
const isOpen = (sighting: Sighting): boolean => sighting.says === 'working'
const isGuess = (sighting: Sighting): boolean => sighting.rule.includes('guess@')
// An answer's last block and a compaction are no proof that the turn ended: hooks or the same turn may go on.
const endsTurn = (sighting: Sighting): boolean =>
  /\.(turn_end|error|limit|aborted|aborted_unanswered)@/.test(sighting.rule)
const isRest = (sighting: Sighting): boolean =>
  ['idle', 'turn_finished', 'failed', 'rate_limited'].includes(sighting.says)

interface Evidence {
  readonly live: readonly Sighting[]
  readonly transcript: Sighting | null
  readonly screen: Sighting | null
  /** A menu that somebody opened hides what the screen would show. */
  readonly menu: Sighting | null
  /** The screen was looked at, whatever it showed. */
  readonly looked: boolean
  /** No terminal user interface: nothing can wait for a person there. */
  readonly headless: boolean
}

/** Screens of before a source changed may not refine it; both clocks are that machine's or vc's own look. */
const isCurrent = (screen: Sighting, base: Sighting): boolean => seen(screen).getTime() >= base.asOf.getTime() - RACE_MS

function refinedByTranscript(base: Sighting, transcript: Sighting): Sighting | null {
  const covered = standingOf(base).finer.includes(transcript.says)
  if (base.tier !== 'live') return null
  if (isRest(base)) {
    if (isRest(transcript)) return covered ? transcript : null
    // A prompt newer than the file's last change: the file has not been rewritten yet.
    const newer = !isOpen(transcript) || transcript.asOf > base.asOf || transcript.rule.includes('.background@')
    return covered && newer ? transcript : null
  }
  const overtaken = transcript.asOf > base.asOf && seen(base).getTime() - transcript.asOf.getTime() < RACE_MS
  if (overtaken && endsTurn(transcript)) return transcript
  // A log dates its question: what a record of before says was so before it was asked.
  if (base.source === 'opencode.log' && transcript.asOf <= base.asOf) return null
  return !isOpen(base) && covered && !isOpen(transcript) ? transcript : null
}

/** A look at a title finds its change this late at most, else nobody knows since when it stands. */
const TITLE_MS = 15_000

// Files are read more seldom than screens: a record of before the source's last change tells of an earlier turn.
const isBehind = (record: Sighting, base: Sighting): boolean =>
  base.tier === 'live' &&
  base.since !== null &&
  record.asOf.getTime() + (base.source.endsWith('.title') ? TITLE_MS : RACE_MS) < base.since.getTime()

function refinedByScreen(base: Sighting, transcript: Sighting | null, screen: Sighting): Sighting | null {
  if (!standingOf(base).finer.includes(screen.says) || !isCurrent(screen, base)) return null
  if (isGuess(screen) && !isRest(base)) return null
  if (transcript === null) return screen
  // An empty conversation newer than the record: another one was begun, and is written down at its first prompt.
  if (
    isRest(transcript) &&
    screen.rule.includes('.screen.fresh@') &&
    (screen.since ?? transcript.asOf) > transcript.asOf
  )
    return screen
  // The limit's own menus are dialogs too; a limit outlasts them.
  if (transcript.says === 'rate_limited') return null
  // Who cancels the turn leaves the dialog of its limit standing, and that takes the next words.
  if (screen.rule.includes('.screen.quota@') && seen(screen) > transcript.asOf) return screen
  if (isBehind(transcript, base) && !isGuess(screen)) return screen
  // Records outrank the screen about how a turn ended; dialogs and background work are only on the screen.
  return isRest(screen) && !(isOpen(base) && screen.says === 'rate_limited') ? null : screen
}

/** Screens and records are read again within this, where they can be read at all. */
const READ_AGAIN_MS = 15_000

/**
 * The source came to rest after the screen was last looked at, and the record is older than the work seen there: it tells
 * how an earlier turn ended. Only a turn's end lets OpenCode's log rest, there the screen need not be asked.
 */
const isOfBefore = (record: Sighting, base: Sighting, screen: Sighting | null, now: Date): boolean => {
  if (base.since === null || !isRest(base) || !isRest(record) || !isBehind(record, base)) return false
  if (now.getTime() - base.since.getTime() > READ_AGAIN_MS) return false
  if (base.rule.startsWith('opencode.log.loop_end@')) return true
  return screen !== null && isOpen(screen) && record.asOf < seen(screen) && !isCurrent(screen, base)
}

interface Choice {
  readonly winner: Sighting
  readonly reason: string | null
  /** A record's, where the winner does not know since when it is so. */
  readonly since?: Date | null
}

/** Same state seen by a finer source keeps the base as winner and lends its reason (which background work, what is retried). */
const lendReason = (base: Sighting, evidence: Evidence): Choice => {
  const helpers = [evidence.transcript, evidence.screen].filter((other) => other !== null && other.says === base.says)
  const reason =
    base.reason ??
    helpers.find((other) => /^(background|retrying|reconnecting)/.test(other?.reason ?? ''))?.reason ??
    null
  const { transcript } = evidence
  const began = isOpen(base) && transcript !== null && isOpen(transcript) ? transcript.since : null
  return { winner: base, reason, since: base.since ?? began }
}

const choose = (winner: Sighting): Choice => ({ winner, reason: winner.reason })

function judgeFrom(base: Sighting, evidence: Evidence): Choice | null {
  const transcript = base === evidence.transcript ? null : evidence.transcript
  const byRecord = transcript === null ? null : refinedByTranscript(base, transcript)
  const screen = base === evidence.screen ? null : evidence.screen
  const byScreen =
    screen === null ? null : refinedByScreen(base, byRecord ?? (base.tier === 'transcript' ? base : null), screen)
  if (byScreen !== null && byScreen.says !== (byRecord ?? base).says) return choose(byScreen)
  if (byRecord !== null) {
    return standingOf(byRecord).alone === 'never' && !standsWith(base, byRecord) ? null : choose(byRecord)
  }
  if (byScreen !== null) return lendReason(standingOf(base).alone === 'never' ? byScreen : base, evidence)
  const { alone } = standingOf(base)
  const open = evidence.headless && isOpen(base)
  if (!open && (alone === 'never' || (alone === 'looked' && !evidence.looked))) return null
  return lendReason(base, evidence)
}

/** Weak records that a live source of the other kind confirms: an answer under a rest title, a prompt newer than an idle file. */
const standsWith = (base: Sighting, record: Sighting): boolean =>
  isRest(base) && (isRest(record) || record.asOf > base.asOf)

/** The screen was readable and showed no interface of the CLI at all: plain output of a one-shot run. */
const plainOutput = (screens: readonly Sighting[]): boolean =>
  screens.length > 0 && screens.every((sighting) => sighting.rule.startsWith('screen.nothing@'))

/** Its own log says that the turn is over: what a row left open before that is no work. */
const isLeftOpen = (rows: Sighting, base: Sighting): boolean =>
  base.source === 'opencode.log' && isRest(base) && isOpen(rows) && !overtakes(rows, base)

function evidenceOf(sightings: readonly Sighting[], now: Date): Evidence {
  const sorted = [...sightings].sort(newestFirst)
  const of = (tier: Sighting['tier']): readonly Sighting[] => sorted.filter((sighting) => sighting.tier === tier)
  const live = of('live').filter((sighting) => sighting.says !== 'unknown')
  const screens = of('screen')
  const ranked = live.toSorted((a, b) => liveRank(a) - liveRank(b) || newestFirst(a, b))
  const screen = screens.find((sighting) => sighting.says !== 'unknown') ?? null
  const record = of('transcript').find((sighting) => sighting.says !== 'unknown') ?? null
  const [first] = ranked
  const isPast = record && first && (isOfBefore(record, first, screen, now) || isLeftOpen(record, first))
  return {
    live: ranked,
    transcript: isPast ? null : record,
    screen,
    menu: screens.find((sighting) => sighting.rule.includes('.panel@') || sighting.rule.includes('.menu@')) ?? null,
    looked: screens.length > 0,
    headless:
      sightings.some((sighting) => sighting.rule.startsWith('process.headless@')) ||
      (live.length === 0 && plainOutput(screens)),
  }
}

// An interrupt does not end a limit that was met in the same turn (evidence-bundle.md, meaning of the states). The log
// keeps the limit as its last word until a loop goes on.
const stickyLimit = (choice: Choice, sightings: readonly Sighting[]): Sighting | null => {
  const { winner } = choice
  if (!winner.rule.includes('.aborted_unanswered@')) return null
  const met = (other: Sighting): boolean =>
    other.tier === 'live' && other.says === 'rate_limited' && other.asOf <= winner.asOf
  return sightings.find(met) ?? null
}

/** Rows of an open turn change while a dialog waits; rows of an ended turn are final. */
const overtakes = (rows: Sighting, log: Sighting): boolean =>
  rows.asOf.getTime() > log.asOf.getTime() + (isOpen(rows) ? RACE_MS : 0)

/** OpenCode has no status file: its log and rows both know, so the newer one is the base. */
const bases = (evidence: Evidence): readonly Sighting[] => {
  const { live, transcript } = evidence
  const first = live[0]
  const byNewest = first?.source === 'opencode.log' && transcript !== null && overtakes(transcript, first)
  // Without a process table a shell's prompt is the only word about death.
  if (evidence.screen?.says === 'dead') return [evidence.screen, ...live, ...(transcript === null ? [] : [transcript])]
  const all = byNewest ? [transcript, ...live] : [...live, ...(transcript === null ? [] : [transcript])]
  return evidence.screen === null ? all : [...all, evidence.screen]
}

// Claude's registry dates its rest: a dialog that was seen, or a question that was written, before that has been answered.
const isAnswered = (winner: Sighting, { live }: Evidence): boolean => {
  const rest = live.find((sighting) => sighting.source === 'claude.registry' && isRest(sighting))
  const asks = winner.says === 'asked_question' || winner.says === 'needs_approval'
  return asks && winner.tier !== 'live' && rest?.since != null && seen(winner) < rest.since
}

// Claude's registry tells of a menu that a person opened as it does of its own rarer dialogs; only the screen tells them apart.
const isMenu = (base: Sighting, { menu }: Evidence): boolean =>
  base.rule.startsWith('claude.registry.waiting@') &&
  base.reason === 'dialog open' &&
  menu?.rule.includes('.panel@') === true &&
  isCurrent(menu, base)

const verdict = (choice: Choice, sightings: readonly Sighting[]): AgentVerdict => ({
  state: choice.winner.says,
  reason: choice.reason,
  since: choice.since ?? choice.winner.since,
  until: choice.winner.until,
  rule: choice.winner.rule,
  winner: choice.winner,
  losers: sightings.filter((sighting) => sighting !== choice.winner),
})

/**
 * The state of one agent from everything seen of it, in the order of docs/ARCHITECTURE.md: proven death or stop, the
 * live source, a newer terminal record, the process tree, the screen. What nothing settles is `unknown`, never `idle`.
 */
export function decide(sightings: readonly Sighting[], context: DecideContext): AgentVerdict {
  const known = sightings.filter((sighting) => sighting.asOf.getTime() <= context.now.getTime() + 60_000)
  const proven =
    known.find((sighting) => sighting.tier === 'death' && sighting.says === 'dead') ??
    known.find((sighting) => sighting.tier === 'process' && sighting.says === 'stalled')
  if (proven !== undefined) return verdict(choose(proven), sightings)
  const evidence = evidenceOf(known, context.now)
  const alive = known.some((sighting) => sighting.rule.startsWith('process.'))
  for (const base of bases(evidence)) {
    if (isMenu(base, evidence)) continue
    const choice = judgeFrom(base, evidence)
    // A shell prompt on the screen does not kill a process that the table shows.
    if (choice === null || (choice.winner.says === 'dead' && alive) || isAnswered(choice.winner, evidence)) continue
    const limit = stickyLimit(choice, known)
    return verdict(limit === null ? choice : choose(limit), sightings)
  }
  const orphan = known.find((sighting) => sighting.rule.startsWith('process.orphaned@'))
  return {
    state: 'unknown',
    reason: evidence.menu?.reason ?? orphan?.reason ?? 'no source settles it',
    since: null,
    until: null,
    rule: 'decide.unsettled@1',
    winner: null,
    losers: sightings,
  }
}
