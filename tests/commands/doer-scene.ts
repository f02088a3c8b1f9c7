import { type ActTokens, openActTokens } from '../../src/commands/act-tokens.ts'
import { openAuditTrail } from '../../src/commands/audit-trail.ts'
import type { Caller } from '../../src/commands/caller.ts'
import { type Doer, openDoer, type TargetFacts } from '../../src/commands/doer.ts'
import type { ActWish, Deed, DeedMakers, DeedResult, Refusal } from '../../src/core/action.ts'
import { auditRows, type Store } from '../../src/store/index.ts'
import { tempStore } from '../store/support.ts'

export const START = new Date('2026-11-21T06:00:00Z')
export const PERSON: Caller = { pid: 4711, agent: null, terminal: true }
export const AGENT = 'atlas/claude-7k2m'
export const WISH: ActWish = { verb: 'agent.send', params: { text: 'hello' }, origin: 'person', actor: 'ana' }
export const SEEN: DeedResult = {
  outcome: 'verified',
  effects: [{ what: 'text submitted', observed: true, evidence: 'transcript' }],
}

interface Script {
  readonly check?: () => Promise<Refusal | null>
  readonly act?: () => Promise<DeedResult | Refusal>
  readonly observe?: (acted: DeedResult) => Promise<DeedResult>
}

/** A scripted engine behind one verb; what it did, in order. */
export const scripted = (script: Script = {}, over: Partial<Deed['proposal']> = {}) => {
  const log: string[] = []
  const said =
    <Args extends readonly unknown[], Result>(word: string, then: (...args: Args) => Promise<Result>) =>
    (...args: Args): Promise<Result> => {
      log.push(word)
      return then(...args)
    }
  const make = async (wish: ActWish): Promise<Deed> => ({
    proposal: {
      verb: wish.verb,
      target: { machineId: 'atlas', agentId: AGENT },
      params: { chars: 5 },
      class: 'reversible',
      why: 'send 5 characters',
      origin: wish.origin,
      actor: wish.actor,
      ...over,
    },
    check: said('check', script.check ?? (async () => null)),
    act: said('act', script.act ?? (async () => SEEN)),
    ...(script.observe === undefined ? {} : { observe: said('observe', script.observe) }),
  })
  return { log, makers: { 'agent.send': make } satisfies DeedMakers }
}

interface Scene {
  readonly store: Store
  readonly doer: Doer
  readonly tokens: ActTokens
  at(ms: number): void
}

export const scene = async (makers: DeedMakers, target: Partial<TargetFacts> = {}, given?: Store): Promise<Scene> => {
  const store = given ?? (await tempStore({ groupWindowMs: 5 }))
  let nowMs = START.getTime()
  const now = (): Date => new Date(nowMs)
  const tokens = openActTokens(now)
  const doer = openDoer({
    makers,
    tokens,
    trail: openAuditTrail(store, now),
    target: async () => ({
      machine: { enabled: true, allowWriteCommands: true },
      agent: { kind: 'managed', ended: false },
      ...target,
    }),
  })
  return {
    store,
    doer,
    tokens,
    at(ms) {
      nowMs = START.getTime() + ms
    },
  }
}

export const asked = async (doer: Doer, wish = WISH, caller = PERSON) => {
  const proposed = await doer.propose(wish, caller)
  if (proposed.verdict !== 'ask') throw new Error(`not asked but ${JSON.stringify(proposed)}`)
  return proposed
}

export const yes = async (doer: Doer) => doer.confirm((await asked(doer)).token, true, PERSON)

export const steps = async (store: Store, id = 'a-') =>
  (await auditRows(store.db, id)).map((row) => [row.step, row.outcome, row.code])
