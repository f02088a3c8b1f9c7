import type { Acted, ActWish, Deed, DeedMakers, DeedResult, Proposal, Refusal } from '../core/action.ts'
import { isRefusal } from '../core/action.ts'
import { messageOf, usageError } from '../core/errors.ts'
import { nameList } from '../core/nearest.ts'
import { displayText } from '../core/text.ts'
import { admit, type GateFacts } from '../guardian/gate.ts'
import { type ActTokens, badToken } from './act-tokens.ts'
import type { AuditTrail } from './audit-trail.ts'
import type { Caller } from './caller.ts'

/** Facts of the target, looked up anew each time. */
export type TargetFacts = Pick<GateFacts, 'machine' | 'agent'>

export interface DoerPorts {
  readonly makers: DeedMakers
  readonly target: (proposal: Proposal) => Promise<TargetFacts>
  readonly trail: AuditTrail
  readonly tokens: ActTokens
}

/** What a door gets back for a wish. */
export type Proposed =
  | {
      readonly verdict: 'ask'
      readonly question: string
      readonly shown: readonly string[]
      readonly token: string
      readonly expiresAt: string
    }
  | { readonly verdict: 'acted'; readonly acted: Acted }

/** The only one who asks the gate, and the only one who acts. */
export interface Doer {
  /** Refused, done at once (reads and mandates), or a question with a token. Throws VcError for a wish that is none. */
  propose(wish: ActWish, caller: Caller): Promise<Proposed>
  /** A person's answer to the question of that token, which is used up by it. */
  confirm(token: string, yes: boolean, caller: Caller): Promise<Acted>
  /** Resolves when nothing is being done any more; new wishes are refused from now on. */
  close(): Promise<void>
}

const DECLINED: Refusal = { code: 'declined', message: 'you said no', fix: 'nothing was done' }
const CHANGED: Refusal = {
  code: 'proposal_changed',
  message: 'what it is about changed between the question and the answer',
  fix: 'look again, and ask anew',
}
const PROMPT_CHANGED: Refusal = {
  code: 'prompt_changed',
  message: 'the dialog on the screen is not the one you saw',
  fix: 'look again, and answer what is there now',
}
const STOPPING: Refusal = { code: 'stopping', message: 'vc is stopping and begins nothing any more', fix: 'vc daemon' }

export const openDoer = ({ makers, target, trail, tokens }: DoerPorts): Doer => {
  const turns = new Map<string, Promise<unknown>>()
  // A screen shows one dialog at a time: once an answer was seen to arrive, every question asked before it is about the past,
  // also when the agent asks the same in the same words again.
  const answered = new Map<string, number>()
  const askedSince = new WeakMap<Proposal, number>()
  let answers = 0
  let closed = false

  const isPast = ({ dialogHash, target: { agentId } }: Proposal, asked: Proposal): boolean =>
    dialogHash !== undefined && (answered.get(agentId ?? '') ?? 0) > (askedSince.get(asked) ?? 0)

  const deedOf = (wish: ActWish): Promise<Deed> => {
    const make = Object.hasOwn(makers, wish.verb) ? makers[wish.verb] : undefined
    if (make !== undefined) return make(wish)
    throw usageError(
      'unknown_verb',
      `vc cannot do “${displayText(wish.verb, 64)}”`,
      `it can: ${nameList(Object.keys(makers))}`,
    )
  }

  const judge = async (proposal: Proposal, caller: Caller, confirmed: boolean) => {
    const { mandate } = proposal
    const mandated = mandate !== undefined && (await trail.grants(mandate, proposal))
    const callerFacts = { callerAgent: caller.agent, terminal: caller.terminal }
    return admit(proposal, { ...(await target(proposal)), ...callerFacts, confirmed, mandated })
  }

  const refuse = async (proposal: Proposal, caller: Caller, { code, message, fix }: Refusal): Promise<Acted> => {
    const auditId = trail.mint()
    await trail.refused(auditId, proposal, caller, { code, message, fix })
    return { outcome: 'refused', effects: [], auditId, refusal: { code, message, fix } }
  }

  // Who answers again, or too late, tried to act: that is on record like every other refusal.
  const taken = async (token: string, caller: Caller): Promise<{ wish: ActWish; proposal: Proposal }> => {
    const found = tokens.take(token)
    if (found !== null && 'wish' in found) return found
    const bad = badToken()
    if (found !== null) await refuse(found.spent, caller, { code: bad.code, message: bad.message, fix: bad.fix })
    throw bad
  }

  // Two actions on one agent never overlap; the second one's precondition is checked after the first is over.
  const inTurn = <Result>({ target: { machineId, agentId, subject } }: Proposal, job: () => Promise<Result>) => {
    // What is about neither an agent nor a named thing waits for nobody.
    const key = agentId ?? `${machineId}\0${subject ?? crypto.randomUUID()}`
    const mine = (turns.get(key) ?? Promise.resolve()).then(job)
    const settled: Promise<void> = mine.then(
      () => undefined,
      () => undefined,
    )
    turns.set(key, settled)
    void settled.then(() => {
      if (turns.get(key) === settled) turns.delete(key)
    })
    return mine
  }

  const carryOut = (deed: Deed, caller: Caller, asked: Proposal): Promise<Acted> =>
    inTurn(deed.proposal, async () => {
      const auditId = trail.mint()
      const { agentId } = deed.proposal.target
      await trail.intent(auditId, deed.proposal, caller)
      const end = isPast(deed.proposal, asked) ? refusedEnd(PROMPT_CHANGED) : await act(deed)
      if (deed.proposal.dialogHash !== undefined && agentId !== null && end.outcome === 'verified') {
        answers += 1
        answered.set(agentId, answers)
      }
      return audited(trail, auditId, deed.proposal, caller, end)
    })

  /** `asked`: the proposal that a person said yes to; null: nobody was asked yet. */
  const settle = async (deed: Deed, caller: Caller, asked: Proposal | null): Promise<Acted | { question: string }> => {
    const verdict = closed
      ? { verdict: 'refused' as const, ...STOPPING }
      : await judge(deed.proposal, caller, asked !== null)
    if (verdict.verdict === 'refused') return refuse(deed.proposal, caller, verdict)
    // What the gate says of the target comes first: it is true whatever the screen shows.
    if (deed.blocked !== undefined) return refuse(deed.proposal, caller, deed.blocked)
    return verdict.verdict === 'ask' ? verdict : carryOut(deed, caller, asked ?? deed.proposal)
  }

  return {
    async propose(wish, caller) {
      const since = answers
      const deed = await deedOf(wish)
      askedSince.set(deed.proposal, since)
      const settled = await settle(deed, caller, null)
      if ('outcome' in settled) return { verdict: 'acted', acted: settled }
      const ahead = (await deed.foresee?.()) ?? []
      if (isRefusal(ahead)) return { verdict: 'acted', acted: await refuse(deed.proposal, caller, ahead) }
      const { token, expiresAt } = tokens.keep(wish, deed.proposal)
      return {
        verdict: 'ask',
        question: settled.question,
        shown: [...(deed.shown ?? []), ...ahead],
        token,
        expiresAt: expiresAt.toISOString(),
      }
    },
    async confirm(token, yes, caller) {
      const { wish, proposal } = await taken(token, caller)
      if (!yes) return refuse(proposal, caller, DECLINED)
      const deed = await deedOf(wish)
      if (deed.proposal.dialogHash !== proposal.dialogHash) return refuse(proposal, caller, PROMPT_CHANGED)
      if (JSON.stringify(deed.proposal) !== JSON.stringify(proposal)) return refuse(proposal, caller, CHANGED)
      const settled = await settle(deed, caller, proposal)
      return 'outcome' in settled ? settled : refuse(proposal, caller, CHANGED)
    },
    async close() {
      closed = true
      await Promise.all(turns.values())
    },
  }
}

type End =
  | DeedResult
  | { readonly outcome: 'refused'; readonly effects: readonly []; readonly refusal: Refusal }
  | Unknown
interface Unknown {
  readonly outcome: 'outcome_unknown'
  readonly effects: DeedResult['effects']
  readonly refusal: Refusal
}

const refusedEnd = (refusal: Refusal): End => ({ outcome: 'refused', effects: [], refusal })

const unknownEnd = (error: unknown, effects: DeedResult['effects']): Unknown => ({
  outcome: 'outcome_unknown',
  effects,
  refusal: {
    code: 'act_broke',
    message: `it broke half-way: ${displayText(messageOf(error), 400)}`,
    fix: 'look at the agent before you try again',
  },
})

/** Checks, acts once, observes. Whatever throws after the first touch is unknown, never a failure that could be repeated. */
const act = async (deed: Deed): Promise<End> => {
  const blocked = await deed.check().catch(
    (error: unknown): Refusal => ({
      code: 'not_checked',
      message: `the precondition could not be looked at: ${displayText(messageOf(error), 400)}`,
      fix: 'vc doctor',
    }),
  )
  if (blocked !== null) return refusedEnd(blocked)
  let done: DeedResult | Refusal
  try {
    done = await deed.act()
  } catch (error) {
    return unknownEnd(error, [])
  }
  if (isRefusal(done)) return refusedEnd(done)
  try {
    return deed.observe === undefined ? done : await deed.observe(done)
  } catch (error) {
    return unknownEnd(error, done.effects)
  }
}

const audited = async (
  trail: AuditTrail,
  auditId: string,
  proposal: Proposal,
  caller: Caller,
  end: End,
): Promise<Acted> => {
  const refusal = 'refusal' in end ? end.refusal : null
  const acted: Acted = { ...end, auditId }
  try {
    await trail.result(auditId, proposal, caller, { outcome: end.outcome, effects: end.effects, refusal })
    return acted
  } catch (error) {
    // It happened and was seen, but nobody will be able to look it up: that is not an answer to build on.
    return {
      ...acted,
      outcome: 'outcome_unknown',
      refusal: { code: 'result_not_audited', message: messageOf(error), fix: 'look with: vc doctor' },
    }
  }
}
