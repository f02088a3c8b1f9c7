import { describe, expect, test } from 'vitest'
import { openAuditTrail } from '../../src/commands/audit-trail.ts'
import { VC_ITSELF } from '../../src/commands/caller.ts'
import type { ActWish, DeedMakers, DeedResult, Refusal } from '../../src/core/action.ts'
import { VcError } from '../../src/core/errors.ts'
import { auditedActions } from '../../src/store/index.ts'
import { AGENT, asked, PERSON, SEEN, START, scene, scripted, steps, WISH, yes } from './doer-scene.ts'

describe('the Doer', () => {
  test('commits the intent, looks again, acts, observes and keeps the result, in this order', async () => {
    const order: string[] = []
    const engine = scripted({
      check: async () => {
        order.push(...(await steps(store)).map(([step]) => `check sees ${step}`))
        return null
      },
      observe: async (acted) => acted,
    })
    const { store, doer } = await scene(engine.makers)
    const acted = await yes(doer)
    expect(acted).toMatchObject({ outcome: 'verified', effects: SEEN.effects })
    expect(engine.log).toEqual(['check', 'act', 'observe'])
    expect(order).toEqual(['check sees intent'])
    expect(await steps(store, acted.auditId)).toEqual([
      ['intent', null, null],
      ['result', 'verified', null],
    ])
  })

  test('asks first, and does nothing until the answer', async () => {
    const engine = scripted()
    const { store, doer } = await scene(engine.makers)
    const { question, token } = await asked(doer)
    expect(question).toContain(AGENT)
    expect(engine.log).toEqual([])
    expect(await steps(store)).toEqual([])
    expect((await doer.confirm(token, false, PERSON)).refusal?.code).toBe('declined')
    expect(engine.log).toEqual([])
    expect(await steps(store)).toEqual([['refused', 'refused', 'declined']])
  })

  test('takes a token once, however many come with it', async () => {
    const engine = scripted()
    const { store, doer } = await scene(engine.makers)
    const { token } = await asked(doer)
    const both = await Promise.allSettled([doer.confirm(token, true, PERSON), doer.confirm(token, true, PERSON)])
    expect(both.map((one) => one.status)).toEqual(['fulfilled', 'rejected'])
    expect(both[1]).toMatchObject({ reason: { code: 'bad_token', exitCode: 4 } })
    expect((await steps(store)).filter(([step]) => step === 'refused')).toEqual([['refused', 'refused', 'bad_token']])
    expect(engine.log.filter((word) => word === 'act')).toEqual(['act'])
  })

  test('a yes to a dialog that somebody answered in between is no yes to the next one, be it word for word the same', async () => {
    const engine = scripted({}, { dialogHash: 'd1' })
    const { store, doer } = await scene(engine.makers)
    const [mine, theirs] = [await asked(doer), await asked(doer)]
    expect((await doer.confirm(mine.token, true, PERSON)).outcome).toBe('verified')
    const late = await doer.confirm(theirs.token, true, PERSON)
    expect(late).toMatchObject({ outcome: 'refused', refusal: { code: 'prompt_changed' } })
    expect(await steps(store, late.auditId)).toEqual([
      ['intent', null, null],
      ['result', 'refused', 'prompt_changed'],
    ])
    expect(engine.log.filter((word) => word === 'act')).toEqual(['act'])
    expect((await yes(doer)).outcome).toBe('verified')
  })

  test('forgets a question that nobody answered in time', async () => {
    const { store, doer, at } = await scene(scripted().makers)
    const { token, expiresAt } = await asked(doer)
    at(Date.parse(expiresAt) - START.getTime())
    await expect(doer.confirm(token, true, PERSON)).rejects.toMatchObject({ code: 'bad_token' })
    expect(await steps(store)).toEqual([['refused', 'refused', 'bad_token']])
  })

  test('a token that never was is about nothing, so nothing is kept of it', async () => {
    const { store, doer } = await scene(scripted().makers)
    await expect(doer.confirm('guessed', true, PERSON)).rejects.toMatchObject({ code: 'bad_token', exitCode: 4 })
    expect(await steps(store)).toEqual([])
  })

  test('refuses and audits an answer from within an agent, though the question was a person’s', async () => {
    const engine = scripted()
    const { store, doer } = await scene(engine.makers)
    const { token } = await asked(doer)
    const acted = await doer.confirm(token, true, { pid: 99, agent: 'codex', terminal: true })
    expect(acted).toMatchObject({ outcome: 'refused', refusal: { code: 'caller_is_agent' } })
    expect(engine.log).toEqual([])
    const [row] = await auditedActions(store.db, { since: START, limit: 9 })
    expect(row).toMatchObject({ step: 'refused', code: 'caller_is_agent', caller_agent: 'codex', caller_pid: 99 })
  })

  test('refuses when the proposal is another one by the time of the answer', async () => {
    let chars = 5
    const engine = scripted()
    const makers: DeedMakers = {
      'agent.send': async (wish) => {
        const deed = await engine.makers['agent.send'](wish)
        return { ...deed, proposal: { ...deed.proposal, params: { chars: chars++ } } }
      },
    }
    const { doer } = await scene(makers)
    expect((await yes(doer)).refusal?.code).toBe('proposal_changed')
    expect(engine.log).toEqual([])
  })

  test('does nothing when the precondition no longer holds, or cannot be looked at', async () => {
    const blocked: Refusal = { code: 'prompt_changed', message: 'another dialog is open', fix: 'look again' }
    const gone = scripted({ check: async () => blocked })
    expect(await yes((await scene(gone.makers)).doer)).toMatchObject({ outcome: 'refused', refusal: blocked })
    const dark = scripted({ check: () => Promise.reject(new Error('no way')) })
    expect((await yes((await scene(dark.makers)).doer)).refusal?.code).toBe('not_checked')
    expect([...gone.log, ...dark.log]).toEqual(['check', 'check'])
  })

  test('says unknown when acting or observing broke: it may have happened', async () => {
    const acting = scripted({ act: () => Promise.reject(new Error('the way was lost')) })
    const { store, doer } = await scene(acting.makers)
    const acted = await yes(doer)
    expect(acted).toMatchObject({ outcome: 'outcome_unknown', effects: [], refusal: { code: 'act_broke' } })
    expect(await steps(store, acted.auditId)).toEqual([
      ['intent', null, null],
      ['result', 'outcome_unknown', 'act_broke'],
    ])
    const looking = scripted({ observe: () => Promise.reject(new Error('blind')) })
    expect((await yes((await scene(looking.makers)).doer)).outcome).toBe('outcome_unknown')
  })

  test('a crash between intent and result is unknown to the next owner, once, and nothing is repeated', async () => {
    const never = scripted({ act: () => new Promise(() => undefined) })
    const { store, doer } = await scene(never.makers)
    const { token } = await asked(doer)
    void doer.confirm(token, true, PERSON)
    await expect.poll(() => never.log).toEqual(['check', 'act'])
    // The process ends here: what is in the file is all the next one has.
    const next = openAuditTrail(store, () => new Date(START.getTime() + 60_000))
    const [closed, ...more] = await next.closeOpen()
    expect(more).toEqual([])
    expect(await steps(store, closed)).toEqual([
      ['intent', null, null],
      ['result', 'outcome_unknown', 'owner_died'],
    ])
    expect(await next.closeOpen()).toEqual([])
    expect(never.log.filter((word) => word === 'act')).toEqual(['act'])
  })

  test('does nothing when the intent cannot be stored', async () => {
    const engine = scripted()
    const { store, doer } = await scene(engine.makers)
    const { token } = await asked(doer)
    store.write = async () => ({ ok: false, fault: 'persist_failed', detail: 'disk full' })
    await expect(doer.confirm(token, true, PERSON)).rejects.toMatchObject({ code: 'not_audited', exitCode: 4 })
    expect(engine.log).toEqual([])
  })

  test('two actions on one agent are never under way together', async () => {
    let inside = 0
    let most = 0
    const engine = scripted({
      act: async () => {
        most = Math.max(most, ++inside)
        await new Promise((done) => setImmediate(done))
        inside -= 1
        return SEEN
      },
    })
    const { doer } = await scene(engine.makers)
    const tokens = await Promise.all([asked(doer), asked(doer), asked(doer)])
    await Promise.all(tokens.map(({ token }) => doer.confirm(token, true, PERSON)))
    expect(most).toBe(1)
    expect(engine.log.filter((word) => word === 'act')).toHaveLength(3)
  })

  test('does on its own only what a person granted for this agent', async () => {
    const grant = scripted({}, { params: { grants: ['agent.send'] } })
    const { store, doer } = await scene(grant.makers)
    const { auditId } = await yes(doer)
    const own: ActWish = { ...WISH, origin: 'guardian', actor: 'vc' }
    const with_ = async (mandate: string, over = {}) => {
      const again = await scene(scripted({}, { mandate, ...over }).makers, {}, store)
      const proposed = await again.doer.propose(own, VC_ITSELF)
      return proposed.verdict === 'acted' ? (proposed.acted.refusal?.code ?? proposed.acted.outcome) : proposed.verdict
    }
    expect(await with_(auditId)).toBe('verified')
    expect(await with_('a-20261121-00000000')).toBe('no_mandate')
    expect(await with_(auditId.slice(0, -1))).toBe('no_mandate')
    expect(await with_(auditId, { verb: 'agent.stop' })).toBe('no_mandate')
    expect(await with_(auditId, { target: { machineId: 'atlas', agentId: 'atlas/claude-xxxx' } })).toBe('no_mandate')
  })

  test('begins nothing once it closes, and waits for what is under way', async () => {
    let finish: (result: DeedResult) => void = () => undefined
    const waiting = new Promise<DeedResult>((done) => {
      finish = done
    })
    const engine = scripted({ act: () => waiting })
    const { doer } = await scene(engine.makers)
    const [first, second] = [await asked(doer), await asked(doer)]
    const acting = doer.confirm(first.token, true, PERSON)
    await expect.poll(() => engine.log).toContain('act')
    const closing = doer.close()
    expect((await doer.confirm(second.token, true, PERSON)).refusal?.code).toBe('stopping')
    finish(SEEN)
    await closing
    expect((await acting).outcome).toBe('verified')
  })

  test('names the verbs there are when it is asked for another', async () => {
    const { doer } = await scene(scripted().makers)
    await expect(doer.propose({ ...WISH, verb: 'constructor' }, PERSON)).rejects.toThrow(VcError)
    await expect(doer.propose({ ...WISH, verb: 'agent.fly' }, PERSON)).rejects.toMatchObject({
      code: 'unknown_verb',
      fix: 'it can: agent.send',
    })
  })
})

describe('before a person is asked', () => {
  const foreseeing = (ahead: Refusal | readonly string[]) => {
    const engine = scripted()
    let looks = 0
    const makers: DeedMakers = {
      'agent.send': async (wish) => ({
        ...(await engine.makers['agent.send'](wish)),
        foresee: async () => {
          looks += 1
          return ahead
        },
      }),
    }
    return { ...engine, makers, looks: () => looks }
  }

  test('it is said what would be done, looked up once', async () => {
    const engine = foreseeing(['vc would press Enter'])
    const { doer } = await scene(engine.makers)
    const { shown, token } = await asked(doer)
    expect(shown).toEqual(['vc would press Enter'])
    expect((await doer.confirm(token, true, PERSON)).outcome).toBe('verified')
    expect(engine.looks()).toBe(1)
  })

  test('nobody is asked for what cannot be done, and nothing is looked at for whom the gate refuses', async () => {
    const engine = foreseeing({ code: 'dialog_open', message: 'it asks something', fix: 'answer it' })
    const { doer } = await scene(engine.makers)
    expect(await doer.propose(WISH, PERSON)).toMatchObject({
      verdict: 'acted',
      acted: { refusal: { code: 'dialog_open' } },
    })
    const other = await scene(engine.makers, { agent: { kind: 'observed', ended: false } })
    expect(await other.doer.propose(WISH, PERSON)).toMatchObject({ acted: { refusal: { code: 'agent_observed' } } })
    expect(engine.looks()).toBe(1)
  })
})
