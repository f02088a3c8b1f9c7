import type { AgentState, Sighting } from '../core/agent.ts'

/**
 * What one rule's words are worth. `alone`: it may decide without other evidence; `looked`: only when the screen was
 * looked at and showed nothing finer; `never`: it needs finer evidence, else the state is unknown.
 * `finer`: states the same words also cover, so that finer evidence may refine them.
 */
export interface Standing {
  readonly alone: 'alone' | 'looked' | 'never'
  readonly finer: readonly AgentState[]
}

const REST = ['idle', 'turn_finished', 'failed', 'rate_limited'] as const
const ASKS = ['needs_approval', 'asked_question'] as const

const sure: Standing = { alone: 'alone', finer: [] }
const covers = (alone: Standing['alone'], ...finer: readonly AgentState[]): Standing => ({ alone, finer })

/** Versioned by the rule ids themselves; facts from agents-*.md and agent-states.md, one line each. */
const STANDINGS: Readonly<Record<string, Standing>> = {
  // busy also covers 429 retries; idle also covers failed turns and limits; dialogs have their own waitingFor.
  'claude.registry.busy': covers('alone', 'working', 'rate_limited'),
  'claude.registry.shell': sure,
  'claude.registry.idle': covers('never', ...REST, 'working'),
  'claude.registry.fresh': covers('alone', ...REST, 'working'),
  'claude.registry.permission': sure,
  'claude.registry.input': covers('alone', 'needs_approval'),
  'claude.registry.waiting': covers('alone', 'rate_limited', ...ASKS),
  // A permission dialog also shows the rest glyph.
  'claude.title.busy': covers('looked', 'working', 'rate_limited'),
  'claude.title.ready': covers('never', ...REST, ...ASKS, 'working'),
  'codex.socket.idle': covers('never', ...REST, 'working'),
  'codex.socket.active': covers('alone', 'working', 'rate_limited'),
  'codex.title.action': covers('alone', 'asked_question'),
  'codex.title.busy': covers('alone', 'working', 'rate_limited'),
  // Dialogs at start and after a limit stand under a plain title; so do background terminals.
  'codex.title.rest': covers('never', ...REST, ...ASKS, 'working'),
  // The quota dialog stands under Working, trust and loop dialogs under Ready.
  'gemini.title.busy': covers('looked', 'working', 'rate_limited', ...ASKS),
  'gemini.title.ready': covers('never', ...REST, ...ASKS, 'working'),
  'gemini.title.action': covers('alone', 'asked_question'),
  'opencode.status.busy': covers('looked', 'working', 'rate_limited', ...ASKS),
  'opencode.log.loop': covers('looked', 'working', ...REST, ...ASKS),
  // No line is written when a permission is answered: a screen that shows something else is newer.
  'opencode.log.asking': covers('alone', 'working', 'asked_question', ...REST),
  'opencode.log.retry': covers('looked', 'working', 'rate_limited'),
  // A failed, interrupted or limited turn has a last line of its own; a rejected one is told by its rows.
  'opencode.log.loop_end': covers('alone', ...REST),
  'opencode.log.error': covers('alone', ...REST),
  'opencode.log.cancel': covers('alone', 'rate_limited', 'idle'),
  // Transcripts: an open turn may wait for a person or a limit; nothing in the file says so.
  'claude.transcript.headless_prompt': sure,
  'claude.transcript.headless_tool': sure,
  'claude.transcript.headless_result': sure,
  'claude.transcript.headless_streaming': sure,
  'codex.transcript.headless_turn': sure,
  'codex.transcript.headless_tool': sure,
  'codex.transcript.turn_end': covers('alone', 'working'),
  'gemini.transcript.answered': covers('never', 'turn_finished', 'working', ...ASKS),
  'opencode.rows.open': covers('looked', 'working', 'rate_limited', ...ASKS),
  'opencode.rows.tool': covers('looked', 'working', 'rate_limited', ...ASKS),
  'opencode.rows.step': covers('looked', 'working', 'rate_limited', ...ASKS),
  'opencode.rows.prompt': covers('looked', 'working', 'rate_limited', ...ASKS),
}

const OPEN: Standing = covers('never', 'working', 'rate_limited', ...ASKS)
const SCREEN_GUESS: Standing = covers('never')

const ruleName = (rule: string): string => rule.split('@')[0] ?? rule

/** Screen rules that need a second source end in `guess`. Unlisted words stand alone; an open transcript never does. */
export function standingOf(sighting: Sighting): Standing {
  const name = ruleName(sighting.rule)
  const listed = STANDINGS[name]
  if (listed !== undefined) return listed
  if (sighting.tier === 'screen' && name.endsWith('guess')) return SCREEN_GUESS
  return sighting.tier === 'transcript' && sighting.says === 'working' && !name.endsWith('background') ? OPEN : sure
}

/** Order of the sources that know the live state, per contract; smaller is asked first. */
const LIVE_ORDER: readonly string[] = [
  'claude.registry',
  'codex.socket',
  'opencode.permission',
  'opencode.question',
  'opencode.status',
  'opencode.log',
  'claude.title',
  'codex.title',
  'gemini.title',
]

export const liveRank = (sighting: Sighting): number => {
  const rank = LIVE_ORDER.indexOf(sighting.source)
  return rank === -1 ? LIVE_ORDER.length : rank
}
