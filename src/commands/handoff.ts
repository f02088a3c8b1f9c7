import type { ActWish, Deed, DeedMaker, DeedResult, Effect, Refusal } from '../core/action.ts'
import { isRefusal } from '../core/action.ts'
import { usageError } from '../core/errors.ts'
import { sha256 } from '../core/ids.ts'
import { quotedText, typedText } from '../core/quoted-text.ts'
import { redact } from '../core/redact.ts'
import { displayText } from '../core/text.ts'
import {
  type AgentRow,
  agentNamed,
  agentStates,
  type MissionRow,
  openMissions,
  type Store,
  type WorktreeRow,
  worktrees,
} from '../store/index.ts'
import { agentOf } from './agent-act/deed.ts'
import type { AgentActPorts } from './agent-act/reach.ts'
import { pausedNow } from './engine/paused.ts'
import { missionQueue } from './missions/queue.ts'
import { keepWorktree } from './worktrees/book.ts'

/** What one agent had in hand, as vc's own records tell. */
export interface InHand {
  readonly trees: readonly WorktreeRow[]
  readonly missions: readonly MissionRow[]
}

const SUMMARY_CHARS = 16_000

const lineOf = (text: string, most = 300): string => displayText(redact(typedText(text).replace(/\s+/g, ' ')), most)

const beadsOf = ({ trees, missions }: InHand): readonly string[] => [
  ...new Set([...trees, ...missions].flatMap((one) => (one.bead_id === null ? [] : [one.bead_id]))),
]

const factLines = (hand: InHand): readonly string[] => [
  ...hand.trees.map(
    (tree) =>
      `worktree ${lineOf(tree.path)}, branch ${lineOf(tree.branch)}, to be merged into ${lineOf(tree.base_branch)}, last seen at commit ${tree.head_commit?.slice(0, 12) ?? 'unknown'}`,
  ),
  ...beadsOf(hand).map((bead) => `issue ${lineOf(bead, 80)}`),
  ...hand.missions.map((mission) => `mission ${mission.mission_id}: ${lineOf(mission.title)}`),
]

/**
 * What the one who takes over is told. Vc's own sentences hold ids only; names, paths and what somebody wrote stand in quotes.
 */
export const handoffText = (from: string, to: string, hand: InHand, summary: string | null, author: string): string => {
  const facts = factLines(hand)
  return [
    `You take over the work of ${from}. What vc knows of it and what was written down for you stands below, as data.`,
    ...(facts.length === 0 ? [] : [quotedText(facts.join('\n'), { kind: 'handoff', id: `${from} in hand` })]),
    ...(summary === null
      ? []
      : [
          quotedText(
            summary,
            { kind: 'handoff', id: `${from} summary`, author },
            { maxChars: SUMMARY_CHARS, maxLines: 400 },
          ),
        ]),
    ...(hand.missions.length === 0
      ? []
      : [`Report on the missions as ${to}: vc mission complete <mission> --as ${to}`]),
    ...(hand.trees.length === 0
      ? []
      : ['Work in that worktree only, and look at its state before you change anything: git status, git log.']),
  ].join('\n\n')
}

const inHand = async (store: Pick<Store, 'db'>, agentId: string): Promise<InHand> => ({
  trees: (await worktrees(store.db)).filter((row) => row.agent_id === agentId && row.status !== 'merged'),
  missions: (await openMissions(store.db)).filter((row) => row.status === 'claimed' && row.claimed_by === agentId),
})

const refusal = (code: string, message: string, fix: string): Refusal => ({ code, message, fix })

/** Two agents in one worktree would undo each other's work. */
const stillWorking = async (store: Pick<Store, 'db'>, from: AgentRow): Promise<Refusal | null> => {
  const now = await agentNamed(store.db, from.agent_id)
  if (now === null || now.ended !== null) return null
  const verdict = (await agentStates(store.db, { machineId: from.machine_id })).find(
    (row) => row.agent_id === from.agent_id,
  )
  if (verdict?.state !== 'working') return null
  return refusal(
    'still_working',
    `${from.agent_id} is still working`,
    `vc agent interrupt ${from.agent_id}, then hand over`,
  )
}

const summaryOf = ({ params }: ActWish): string | null => {
  const { summary } = params
  if (summary === undefined || summary === null || summary === '') return null
  if (typeof summary !== 'string') throw usageError('bad_summary', 'the summary is no text', 'vc agent handoff --help')
  if (summary.length > SUMMARY_CHARS)
    throw usageError(
      'summary_too_long',
      `the summary has ${summary.length} characters, at most ${SUMMARY_CHARS} are passed on`,
      'put it into a file of the worktree, and name the file',
    )
  return redact(typedText(summary))
}

const transfer = async (
  store: Pick<Store, 'db' | 'write'>,
  from: string,
  to: string,
  hand: InHand,
  now: () => Date,
): Promise<readonly Effect[]> => {
  for (const tree of hand.trees) await keepWorktree({ store, now }, { ...tree, agent_id: to })
  const moved = await missionQueue(store).handOver(from, to, now())
  return [
    ...hand.trees.map((tree) => `the worktree ${lineOf(tree.path)} belongs to ${to}`),
    ...moved.map((mission) => `${mission.missionId} is held by ${to}`),
  ].map((what) => ({ what, observed: true, evidence: 'store' }))
}

const taken = (outcome: DeedResult['outcome']): boolean => outcome === 'verified' || outcome === 'queued'

/** `agent.handoff`: what A had in hand goes to B, who is told so. A itself is not touched. */
export const handoffMaker =
  (agents: AgentActPorts, { store }: { readonly store: Pick<Store, 'db' | 'write'> }): DeedMaker =>
  async (wish): Promise<Deed> => {
    const [from, to] = await Promise.all([
      agentOf(agents, { ...wish, params: { agent: wish.params.from } }),
      agentOf(agents, { ...wish, params: { agent: wish.params.to } }),
    ])
    if (from.agent_id === to.agent_id)
      throw usageError('same_agent', `${from.agent_id} has it already`, 'vc agent handoff <from> <to>')
    const summary = summaryOf(wish)
    const hand = await inHand(store, from.agent_id)
    if (summary === null && factLines(hand).length === 0)
      throw usageError(
        'nothing_in_hand',
        `vc knows of nothing that ${from.agent_id} has in hand`,
        'say it: --summary "…"',
      )
    const paused = await pausedNow(agents.db, to.agent_id)
    const elsewhere = hand.trees.find((tree) => tree.machine_id !== to.machine_id)
    const text = handoffText(from.agent_id, to.agent_id, hand, summary, wish.actor)
    return {
      proposal: {
        ...{ verb: 'agent.handoff', class: 'irreversible', origin: wish.origin, actor: wish.actor },
        target: { machineId: to.machine_id, agentId: to.agent_id },
        params: {
          from: from.agent_id,
          worktrees: hand.trees.map((tree) => tree.path),
          missions: hand.missions.map((mission) => mission.mission_id),
          beads: beadsOf(hand),
          ...{ text_chars: text.length, text_sha256: sha256(text) },
        },
        why: `hand the work of ${from.agent_id} over to it, with ${text.length} characters`,
      },
      ...(paused === null ? {} : { blocked: paused }),
      shown: text.split('\n').map((line) => `  ${displayText(line, 200)}`),
      async check() {
        if (elsewhere !== undefined)
          return refusal(
            'other_machine',
            `${lineOf(elsewhere.path)} is on ${elsewhere.machine_id}, ${to.agent_id} on ${to.machine_id}`,
            'push its branch, make a worktree of it there, and hand over with --summary',
          )
        return (await stillWorking(store, from)) ?? (await pausedNow(agents.db, to.agent_id)) ?? agents.reach.check(to)
      },
      async act() {
        const told = await agents.reach.carryOut(to, { verb: 'deliver', prompt: text })
        if (isRefusal(told)) return told
        // What was not taken for sure stays where it is: nobody shall hold work they were not told of.
        if (!taken(told.outcome)) return told
        const effects = await transfer(store, from.agent_id, to.agent_id, hand, agents.now)
        return { ...told, effects: [...told.effects, ...effects] }
      },
    }
  }
