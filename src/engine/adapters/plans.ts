import type { AgentState } from '../../core/agent.ts'
import type { AgentPlan, AgentSight, KeyName, Look, Planned, PlanProof, PlanStep } from '../../core/agent-adapter.ts'
import { promptFor, refusal } from './prompt-text.ts'

/** What differs between the CLIs when a line is sent or a turn is stopped; facts of the recorded versions. */
export interface Manners {
  readonly name: string
  /** Between paste and Enter: an earlier Enter becomes a line break in some. */
  readonly enterAfterMs: number
  /** Words on the screen of a prompt that is kept until the turn ends; null: the CLI shows none. */
  readonly keptWords: string | null
  /** The transcript holds a prompt already while it waits for the end of the turn: there it proves no more than that. */
  readonly recordsKept: boolean
  readonly interrupt: readonly (readonly KeyName[])[]
  /** Must be on the screen before the second of two interrupt keys. */
  readonly interruptAgainWords: string | null
  readonly quit: string
  readonly compact: string
  readonly compactWords: string
}

const REST: readonly AgentState[] = ['idle', 'turn_finished', 'failed']

const all = (...of: readonly Look[]): Look => ({ see: 'all', of })
const any = (...of: readonly Look[]): Look => ({ see: 'any', of })
const not = (of: Look): Look => ({ see: 'not', of })
const noDialog = not({ see: 'some_dialog' })
const empty: Look = { see: 'composer_empty' }
const present: Look = { see: 'process', in: ['alive', 'unknown'] }
const busy = any({ see: 'state', in: ['working'] }, { see: 'live', in: ['busy'] })
const reachable = all(present, not({ see: 'in_mode' }), noDialog)

/** Why nothing may be typed into this agent now, or null. */
export function unreachable(sight: AgentSight, name: string): Planned | null {
  const no = (code: string, message: string, fix: string): Planned => refusal(code, sight.state, message, fix)
  if (sight.process === 'gone' || sight.state === 'dead')
    return no('ended', `${name} has ended`, 'resume it: vc agent recover')
  if (sight.process === 'stopped' || sight.state === 'stalled')
    return no('stopped', `${name} is stopped or stalled`, 'continue its process, or restart it')
  if (sight.inMode)
    return no('copy_mode', 'somebody scrolls in its terminal: keys would not reach it', 'leave copy mode there')
  if (sight.dialog !== null)
    return no(
      'dialog_open',
      `${name} asks something: ${sight.dialog.title}`,
      'answer it first: vc agent approve|reject',
    )
  return null
}

/** Types a line of the CLI's own and sends it. */
const lineSteps = (text: string, manners: Manners): readonly PlanStep[] => [
  { do: 'paste', text, onlyIf: all(noDialog, empty) },
  { do: 'wait', until: { see: 'composer_holds', text }, withinMs: 20_000, otherwise: 'not_seen' },
  { do: 'pause', ms: manners.enterAfterMs },
  { do: 'keys', keys: ['Enter'], onlyIf: all(noDialog, { see: 'composer_holds', text }) },
]

const enterAgain = (text: string): AgentPlan['retry'] => ({
  when: all(noDialog, { see: 'composer_holds', text }),
  keys: ['Enter'],
  atMost: 2,
  afterMs: 2_500,
})

const staged = (text: string): PlanProof => ({
  look: { see: 'composer_holds', text },
  end: 'staged_only',
  by: 'screen',
})

const deliverProofs = (queues: boolean, manners: Manners): readonly PlanProof[] => {
  const kept: PlanProof[] = [{ look: { see: 'kept_for_later' }, end: 'queued', by: 'transcript' }]
  if (manners.keptWords !== null) {
    const words: Look = { see: 'words', shape: manners.keptWords, rows: 24 }
    kept.push({ look: all(empty, words), end: 'queued', by: 'screen' })
  }
  const end = queues && manners.recordsKept ? 'queued' : 'submitted'
  const recorded: PlanProof = { look: { see: 'recorded' }, end, by: 'transcript' }
  return queues ? [...kept, recorded] : [recorded]
}

/** A prompt as one paste, Enter of its own, and where it must turn up afterwards. */
export function deliverPlan(prompt: string, sight: AgentSight, manners: Manners, composerText: string | null): Planned {
  const blocked = unreachable(sight, manners.name)
  if (blocked !== null) return blocked
  const text = promptFor(prompt, sight.state)
  if (typeof text !== 'string') return text
  if (![...REST, 'working'].includes(sight.state))
    return refusal('not_ready', sight.state, `${manners.name} is ${sight.state}`, 'wait until it is at rest')
  if (composerText === null)
    return refusal('no_composer', sight.state, 'no input line is drawn on its screen', 'look at it: vc session attach')
  if (composerText !== '')
    return refusal('composer_not_empty', sight.state, 'something is typed there and not sent', 'send or clear it there')
  const queues = sight.state === 'working'
  // Where the transcript cannot be read, the live state has to do.
  const seenLive: PlanProof = { look: all(empty, busy), end: 'submitted', by: 'live state' }
  const blind = sight.recorded === null && !queues
  return {
    verb: 'deliver',
    expects: all(reachable, empty, { see: 'state', in: [...REST, 'working'] }),
    steps: lineSteps(text, manners),
    retry: enterAgain(text),
    proofs: [...deliverProofs(queues, manners), ...(blind ? [seenLive] : [])],
    withinMs: 40_000,
    otherwise: [staged(text), ...(queues ? [] : [seenLive])],
    watch: text,
    says: `paste ${text.length} characters, press Enter, look for them in ${queues ? 'its queue' : 'its transcript'}`,
  }
}

const commandPlan = (
  line: string,
  sight: AgentSight,
  manners: Manners,
  composerText: string | null,
  end: Pick<AgentPlan, 'verb' | 'proofs' | 'withinMs' | 'says'>,
): Planned => {
  const blocked = unreachable(sight, manners.name)
  if (blocked !== null) return blocked
  if (!['idle', 'turn_finished', 'failed', 'rate_limited'].includes(sight.state))
    return refusal('not_ready', sight.state, `${manners.name} is ${sight.state}`, 'interrupt it first, or wait')
  if (composerText !== '')
    return refusal('composer_not_empty', sight.state, 'its input line is not empty, or not drawn', 'clear it there')
  return {
    ...end,
    expects: all(reachable, empty),
    steps: lineSteps(line, manners),
    retry: enterAgain(line),
    otherwise: [staged(line)],
    watch: null,
  }
}

export const quitPlan = (sight: AgentSight, manners: Manners, composerText: string | null): Planned =>
  commandPlan(manners.quit, sight, manners, composerText, {
    verb: 'quit',
    proofs: [{ look: { see: 'process', in: ['gone'] }, end: 'ended', by: 'process table' }],
    withinMs: 30_000,
    says: `type ${manners.quit} and Enter, look for the end of its process`,
  })

export const compactPlan = (sight: AgentSight, manners: Manners, composerText: string | null): Planned =>
  commandPlan(manners.compact, sight, manners, composerText, {
    verb: 'compact',
    proofs: [
      {
        look: all(empty, { see: 'words', shape: manners.compactWords, rows: 60, more: true }),
        end: 'compacting',
        by: 'screen',
      },
    ],
    withinMs: 30_000,
    says: `type ${manners.compact} and Enter, look for its own words about it`,
  })

/** Stops the running turn; keys only while it runs and no dialog is open, where Escape would mean "no". */
export function interruptPlan(sight: AgentSight, manners: Manners): Planned {
  const blocked = unreachable(sight, manners.name)
  if (blocked !== null) return blocked
  const retrying = sight.state === 'rate_limited' && sight.live === 'busy'
  if (sight.state !== 'working' && !retrying)
    return refusal('not_working', sight.state, `${manners.name} is ${sight.state}, no turn runs`, 'nothing to do')
  const runs = all(noDialog, any(busy, { see: 'state', in: ['rate_limited'] }))
  const again: Look[] =
    manners.interruptAgainWords === null ? [] : [{ see: 'words', shape: manners.interruptAgainWords, rows: 6 }]
  const steps = manners.interrupt.flatMap((keys, at): PlanStep[] => [
    ...(at === 0 || again[0] === undefined
      ? []
      : [{ do: 'wait' as const, until: again[0], withinMs: 4_000, otherwise: 'prove' as const }]),
    { do: 'keys', keys, onlyIf: all(noDialog, ...(at === 0 ? [] : again)) },
  ])
  return {
    verb: 'interrupt',
    expects: all(reachable, runs),
    steps,
    retry: { when: runs, keys: manners.interrupt.flat(), atMost: 2, afterMs: 4_000 },
    proofs: [
      {
        look: all(present, not(busy), { see: 'state', in: ['idle', 'turn_finished', 'failed', 'rate_limited'] }),
        end: 'interrupted',
        by: 'live state',
      },
    ],
    withinMs: 20_000,
    otherwise: [],
    watch: null,
    says: `press ${manners.interrupt.flat().join(' ')}, look for the end of the turn`,
  }
}

/** Keys that choose one option of the dialog with this hash, and the proof that it left the screen. */
export function answerPlan(
  verb: 'approve' | 'reject',
  hash: string,
  label: string,
  steps: readonly PlanStep[],
): AgentPlan {
  return {
    verb,
    expects: all(present, not({ see: 'in_mode' }), { see: 'dialog', hash }),
    steps,
    retry: null,
    proofs: [{ look: all(present, not({ see: 'dialog', hash })), end: 'answered', by: 'screen' }],
    withinMs: 15_000,
    otherwise: [],
    watch: null,
    says: `choose "${label}" in the dialog on screen, look for its end`,
  }
}

/** One key, in the instant in which this very dialog is on the screen. */
export const keyOnDialog = (keys: readonly KeyName[], hash: string): PlanStep => ({
  do: 'keys',
  keys,
  onlyIf: { see: 'dialog', hash },
})

/** Moves the selection row by row, looks that it arrived, and confirms. */
export const moveAndConfirm = (move: KeyName, times: number, label: string, hash: string): readonly PlanStep[] => {
  const here: Look = {
    see: 'all',
    of: [
      { see: 'dialog', hash },
      { see: 'selected', label },
    ],
  }
  return [
    ...Array.from({ length: times }, () => keyOnDialog([move], hash)),
    { do: 'wait', until: here, withinMs: 4_000, otherwise: 'not_seen' },
    { do: 'keys', keys: ['Enter'], onlyIf: here },
  ]
}
