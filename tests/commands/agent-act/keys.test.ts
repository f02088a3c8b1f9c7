import { describe, expect, test } from 'vitest'
import { printableBundle } from '../../../src/collectors/evidence/index.ts'
import { dialogOn } from '../../../src/commands/agent-eye.ts'
import { auditRows } from '../../../src/store/index.ts'
import { labelledBundles } from '../../oracle/agent-bundles.ts'
import { hasProgram } from '../../programs.ts'
import { openSteerScene, type SteerScene } from './scene.ts'

const WAIT = 60_000

const ready = async (): Promise<SteerScene> => {
  const scene = await openSteerScene()
  await expect.poll(() => scene.screen(), { timeout: 20_000 }).toContain('? for shortcuts')
  return scene
}

const dialogNow = async (scene: SteerScene): Promise<string | null> =>
  dialogOn('claude', await scene.screen())?.hash ?? null

test('a dialog has the same hash on the screen a person sees, which was redacted, as on the one the key is held against', () => {
  const dialogs = labelledBundles().flatMap(({ cli, bundle }) => {
    const there = dialogOn(cli, bundle.screen)?.hash ?? null
    expect(dialogOn(cli, printableBundle(bundle).screen)?.hash ?? null).toBe(there)
    return there === null ? [] : [there]
  })
  expect(dialogs.length).toBeGreaterThan(4)
})

describe.skipIf(!hasProgram('tmux'))('keys of a person, in a real tmux', () => {
  test('arrive in their order, as keys, and the audit knows how many but not which', { timeout: WAIT }, async () => {
    const scene = await ready()
    const { question, token } = await scene.asked('agent.keys', { keys: [...'hello'], dialog: null })
    expect(question).toContain('press 5 keys in its terminal')
    const acted = await scene.confirm(token)
    expect(acted).toMatchObject({ outcome: 'done', effects: [{ observed: true, evidence: 'tmux' }] })
    await expect.poll(() => scene.screen(), { timeout: 20_000 }).toContain('❯ hello')
    await scene.steer('agent.keys', { text: ' out there', dialog: null })
    await expect.poll(() => scene.screen(), { timeout: 20_000 }).toContain('❯ hello out there')
    await scene.steer('agent.keys', { keys: ['Enter'], dialog: null })
    await expect.poll(() => scene.screen(), { timeout: 20_000 }).toContain('● Understood.')
    const rows = await auditRows(scene.store.db, acted.auditId)
    expect(rows.map((row) => row.step)).toEqual(['intent', 'result'])
    expect(rows.map((row) => row.params_json)).toEqual(rows.map(() => '{"keys":5,"text_chars":0}'))
  })

  test('reach a dialog only when it is the one that was seen', { timeout: WAIT }, async () => {
    const scene = await ready()
    await scene.steer('agent.send', { text: 'ask touch a.txt' })
    await expect.poll(() => dialogNow(scene), { timeout: 20_000 }).toMatch(/^[0-9a-f]{64}$/)
    const seen = await dialogNow(scene)
    const unseen = await scene.steer('agent.keys', { keys: ['1'], dialog: null })
    expect(unseen).toMatchObject({ outcome: 'refused', refusal: { code: 'prompt_changed' } })
    process.kill(scene.agent(scene.claude).pane_pid ?? 0, 'SIGUSR1')
    await expect.poll(() => scene.screen(), { timeout: 20_000 }).toContain('rm -rf /srv')
    const other = await scene.steer('agent.keys', { keys: ['1'], dialog: seen })
    expect(other).toMatchObject({ outcome: 'refused', refusal: { code: 'prompt_changed' } })
    expect(scene.answers()).toEqual([])
    const now = await dialogNow(scene)
    expect((await scene.steer('agent.keys', { keys: ['3'], dialog: now })).outcome).toBe('done')
    await expect.poll(() => scene.answers(), { timeout: 20_000 }).toEqual(['3 rm -rf /srv'])
  })

  test('are nobody’s but a person’s at a terminal, and never words', { timeout: WAIT }, async () => {
    const scene = await ready()
    scene.caller = { pid: process.pid, agent: 'claude', terminal: true }
    const within = await scene.steer('agent.keys', { keys: ['x'], dialog: null })
    expect(within.refusal?.code).toBe('caller_is_agent')
    scene.caller = { pid: process.pid, agent: null, terminal: false }
    expect((await scene.steer('agent.keys', { keys: ['x'], dialog: null })).refusal?.code).toBe('no_terminal')
    scene.caller = { pid: process.pid, agent: null, terminal: true }
    for (const wrong of [
      { keys: ['x'] },
      { dialog: null },
      { keys: ['x'], text: 'y', dialog: null },
      { keys: 'x', dialog: null },
    ])
      await expect(scene.propose('agent.keys', wrong)).rejects.toMatchObject({ exitCode: 2 })
    // What is no key would be typed letter by letter.
    await expect(scene.propose('agent.keys', { keys: ['rm'], dialog: null })).rejects.toMatchObject({
      ...{ code: 'bad_keys', exitCode: 2 },
    })
  })
})
