import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { rankAgents } from '../../../src/commands/engine/distribute.ts'
import { actOnMissions } from '../../../src/commands/missions/act.ts'
import { giveStanding } from '../../../src/daemon/engine-standing.ts'
import { answer, queries } from '../../../src/queries/index.ts'
import { auditedActions, missions } from '../../../src/store/index.ts'
import { hasProgram } from '../../programs.ts'
import { openSteerScene } from '../agent-act/scene.ts'
import { type EngineScene, openScene, scratch } from './scene.ts'

const until = async (what: string, scene: EngineScene, holds: () => boolean): Promise<void> => {
  const end = Date.now() + 60_000
  for (;;) {
    await scene.engine.look()
    if (holds()) return
    if (Date.now() > end) throw new Error(`not within 60 s: ${what}`)
    await wait(50)
  }
}

const kill = (scene: EngineScene, id: string): void => {
  process.kill(scene.agent(id).pane_pid ?? 0, 'SIGKILL')
}

const readerOf = ({ store }: EngineScene) => {
  const plan = { machines: [{ machineId: 'here', local: true, enabled: true, sources: [], maxAgents: 20 }] } as never
  return {
    carrier: 'embedded' as const,
    ask: (asked: { topic: string; params: object }) =>
      answer(queries, asked as never, { db: store.db, now: new Date(), plan }),
    close: async () => undefined,
  }
}

describe.skipIf(!hasProgram('tmux'))('an agent that a person paused', () => {
  test('runs on, is told in the audit, and is not started again when it ends until it is paused no more', async () => {
    const scene = await openScene()
    const id = await scene.spawn(['sleep', '1000'], { restart: 'always' })
    const { pane_pid: pid } = scene.agent(id)
    expect(await scene.act('agent.pause', { agent: id })).toMatchObject({ outcome: 'recorded' })
    await scene.engine.look()
    expect(scene.agent(id)).toMatchObject({ wanted: 'paused', status: 'running', pane_pid: pid })
    const audited = await auditedActions(scene.store.db, { since: new Date(0), agentId: id, limit: 10 })
    expect(audited).toMatchObject([{ verb: 'agent.pause', step: 'result', outcome: 'recorded', actor: 'ana' }])

    scene.engine.start(scene.acting)
    kill(scene, id)
    await until('its end is seen and it is held', scene, () => scene.agent(id).status === 'held')
    for (let look = 0; look < 5; look += 1) await scene.engine.look()
    expect(scene.agent(id)).toMatchObject({ launches: 1, wanted: 'paused' })
    expect(scene.agent(id).status_reason).toContain('paused by a person')
    expect(await scene.act('agent.restart', { agent: id })).toMatchObject({
      ...{ outcome: 'refused', refusal: { code: 'agent_paused', fix: `vc agent unpause ${id}` } },
    })
    expect(await scene.act('agent.recover', { agent: id, how: 'fresh' })).toMatchObject({
      refusal: { code: 'agent_paused' },
    })

    expect(await scene.act('agent.unpause', { agent: id })).toMatchObject({ outcome: 'recorded' })
    await until('it runs again by its policy', scene, () => scene.agent(id).status === 'running')
    expect(scene.agent(id)).toMatchObject({ wanted: 'run', launches: 2, restarts: 1 })
    const told = (await scene.happened(id)).filter((type) => type !== 'readopt' && type !== 'health')
    expect(told).toEqual(['spawn', 'pause', 'crash', 'hold', 'unpause', 'restart'])
  }, 120_000)

  test('keeps its place in the pool when it ended, is still paused after a kill -9 of vc, and only then leaves', async () => {
    const dir = scratch()
    const engineKeys = { max_agents_per_machine: 1 }
    const before = await openScene({ dir, engineKeys })
    const id = await before.spawn(['sleep', '1000'])
    await before.act('agent.pause', { agent: id })
    await before.crash()

    const scene = await openScene({ dir, engineKeys })
    const next = await scene.spawn(['sleep', '1001'])
    scene.engine.start(scene.acting)
    await until('it is found again', scene, () => scene.agent(id).status === 'running')
    kill(scene, id)
    await until('it is held', scene, () => scene.agent(id).status === 'held')
    expect(scene.agent(id).wanted).toBe('paused')
    expect(scene.agent(next).status).toBe('queued')
    await scene.act('agent.unpause', { agent: id })
    await until('its place is given on', scene, () => scene.agent(next).status === 'running')
    expect(scene.agent(id).status).toBe('stopped')
  }, 120_000)

  test('in the queue it lets those behind it pass, and is started when it is paused no more', async () => {
    const scene = await openScene({ engineKeys: { max_agents_per_machine: 1 } })
    const first = await scene.spawn(['sleep', '1000'])
    const paused = await scene.spawn(['sleep', '1001'])
    const behind = await scene.spawn(['sleep', '1002'])
    await scene.act('agent.pause', { agent: paused })
    scene.engine.start(scene.acting)
    await scene.act('agent.stop', { agent: first })
    await until('the one behind runs', scene, () => scene.agent(behind).status === 'running')
    expect(scene.agent(paused)).toMatchObject({ status: 'queued', wanted: 'paused' })
    await scene.act('agent.unpause', { agent: paused })
    await scene.act('agent.stop', { agent: behind })
    await until('its turn came', scene, () => scene.agent(paused).status === 'running')
  }, 120_000)

  test('gets no mission: not by claiming, not by its schedule, not by distribution', async () => {
    const scene = await openScene()
    const id = await scene.spawn(['sleep', '1000'], { schedule: '0 7 * * *', mission: 'look at the alerts' })
    const { store } = scene
    await actOnMissions(store, 'add', { missions: [{ title: 'mend it', to_agent: id }] }, 'ana', new Date())
    await scene.act('agent.pause', { agent: id })
    expect(await actOnMissions(store, 'claim', { as: id }, id, new Date())).toMatchObject({
      ...{ outcome: 'refused', refusal: { code: 'agent_paused' } },
    })
    await giveStanding({ store, book: scene.engine.here.ports.book, now: () => new Date() }, id)
    expect((await missions(store.db, {})).map(({ title }) => title)).toEqual(['mend it'])
    const task = { type: 'general', priority: 'normal', role: null, machineId: null, cwd: null } as const
    expect(await rankAgents(readerOf(scene), task)).toMatchObject([{ agentId: id, excluded: 'a person paused it' }])

    await scene.act('agent.unpause', { agent: id })
    expect(await actOnMissions(store, 'claim', { as: id }, id, new Date())).toMatchObject({ outcome: 'recorded' })
    expect(await rankAgents(readerOf(scene), task)).toMatchObject([{ agentId: id, excluded: null }])
  })

  test.each([
    ['one that is paused already', ['agent.pause', 'agent.pause'], 'already_paused'],
    ['one that is not paused', ['agent.unpause'], 'not_paused'],
    ['one that was stopped', ['agent.stop', 'agent.pause'], 'agent_over'],
  ])('%s is refused in words', async (_, verbs, code) => {
    const scene = await openScene()
    const id = await scene.spawn(['sleep', '1000'])
    let acted = null
    for (const verb of verbs) acted = await scene.act(verb, { agent: id })
    expect(acted).toMatchObject({ outcome: 'refused', refusal: { code } })
  })

  test('is not nudged, while a person may still send it a word', async () => {
    const scene = await openSteerScene()
    await scene.act('agent.pause', { agent: scene.claude })
    expect(await scene.steer('agent.nudge')).toMatchObject({ outcome: 'refused', refusal: { code: 'agent_paused' } })
    const sent = await scene.propose('agent.send', { text: 'hello' })
    expect(sent).not.toMatchObject({ acted: { refusal: { code: 'agent_paused' } } })
  }, 60_000)
})
