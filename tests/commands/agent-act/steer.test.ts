import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { auditedActions, auditRows } from '../../../src/store/index.ts'
import { hasProgram } from '../../programs.ts'
import { openSteerScene, type SteerScene } from './scene.ts'

const ready = async (): Promise<SteerScene> => {
  const scene = await openSteerScene()
  await expect.poll(() => scene.screen(), { timeout: 20_000 }).toContain('? for shortcuts')
  return scene
}

const WAIT = 60_000

describe.skipIf(!hasProgram('tmux'))('steering an agent in a real tmux', () => {
  test('a text is sent, seen in the transcript, and audited without its words', { timeout: WAIT }, async () => {
    const scene = await ready()
    const { question, shown, token } = await scene.asked('agent.send', { text: 'run the tests\u001b[201~\nthen stop' })
    expect(question).toContain('send 23 characters as its next prompt')
    expect(shown).toEqual(['  run the tests', '  then stop', expect.stringMatching(/^vc would paste 23 characters/)])
    const acted = await scene.confirm(token)
    expect(acted).toMatchObject({ outcome: 'verified', effects: [{ observed: true, evidence: 'transcript' }] })
    expect(await scene.screen()).toContain('❯ run the tests')
    const rows = await auditRows(scene.store.db, acted.auditId)
    expect(rows.map((row) => row.step)).toEqual(['intent', 'result'])
    expect(JSON.stringify(rows)).not.toContain('run the tests')
    expect(JSON.parse(rows[0]?.params_json ?? '{}')).toMatchObject({ text_chars: 23, text_lines: 2 })
  })

  test('a text for an agent that is still drawing itself waits for it and is not lost', { timeout: WAIT }, async () => {
    const scene = await ready()
    writeFileSync(join(scene.dir, 'hold'), '')
    const spawned = await scene.act('agent.spawn', { machine: 'here', cli: 'claude', cwd: scene.dir })
    const [agent] = (spawned.data?.agents ?? []) as readonly string[]
    const sending = scene.steer('agent.send', { agent, text: 'early words' })
    // long enough to be refused, or to be lost, by one that does not wait
    await Promise.race([sending.catch(() => undefined), pause(1_500)])
    rmSync(join(scene.dir, 'hold'))
    expect(await sending).toMatchObject({ outcome: 'verified', effects: [{ evidence: 'transcript' }] })
  })

  test('two proposals, one token: the other one is still open, the used one is not', { timeout: WAIT }, async () => {
    const scene = await ready()
    const [first, second] = [
      await scene.asked('agent.send', { text: 'one' }),
      await scene.asked('agent.send', { text: 'two' }),
    ]
    expect((await scene.confirm(second.token)).outcome).toBe('verified')
    await expect(scene.confirm(second.token)).rejects.toMatchObject({ code: 'bad_token', exitCode: 4 })
    expect(await scene.screen()).toContain('❯ two')
    expect((await scene.confirm(first.token, false)).refusal?.code).toBe('declined')
    expect(await scene.screen()).not.toContain('❯ one')
  })

  test('a dialog is shown before it is answered, and answered by its label', { timeout: WAIT }, async () => {
    const scene = await ready()
    await scene.steer('agent.send', { text: 'ask touch a.txt' })
    const { shown, token } = await scene.asked('agent.approve')
    expect(shown).toEqual(expect.arrayContaining(['Bash command', expect.stringContaining('touch a.txt'), '  [1] Yes']))
    expect(shown.at(-1)).toMatch(/^vc would choose "Yes"/)
    const acted = await scene.confirm(token)
    expect(acted).toMatchObject({ outcome: 'verified', effects: [{ what: 'the dialog was answered', observed: true }] })
    expect(scene.answers()).toEqual(['1 touch a.txt'])
    await scene.steer('agent.send', { text: 'ask touch b.txt' })
    expect((await scene.steer('agent.reject')).outcome).toBe('verified')
    expect(scene.answers()).toEqual(['1 touch a.txt', '3 touch b.txt'])
    const [last] = await auditedActions(scene.store.db, { since: new Date(0), limit: 1 })
    expect(last).toMatchObject({ verb: 'agent.reject', dialog_hash: expect.stringMatching(/^[0-9a-f]{64}$/) })
  })

  test('a dialog that changed since it was seen is not answered', { timeout: WAIT }, async () => {
    const scene = await ready()
    await scene.steer('agent.send', { text: 'ask touch a.txt' })
    const { token, shown } = await scene.asked('agent.approve')
    process.kill(scene.agent(scene.claude).pane_pid ?? 0, 'SIGUSR1')
    await expect.poll(() => scene.screen()).toContain('rm -rf /srv')
    expect(await scene.confirm(token)).toMatchObject({ outcome: 'refused', refusal: { code: 'prompt_changed' } })
    const seen = /dialog ([0-9a-f]{12})/.exec(shown.join('\n'))?.[1]
    expect(await scene.steer('agent.approve', { dialog: seen })).toMatchObject({ refusal: { code: 'prompt_changed' } })
    expect(scene.answers()).toEqual([])
  })

  test('without a dialog there is nothing to approve, and nobody is asked', { timeout: WAIT }, async () => {
    const scene = await ready()
    const proposed = await scene.propose('agent.approve')
    expect(proposed).toMatchObject({ verdict: 'acted', acted: { outcome: 'refused', refusal: { code: 'no_dialog' } } })
  })

  test('a prompt is not typed into a dialog', { timeout: WAIT }, async () => {
    const scene = await ready()
    await scene.steer('agent.send', { text: 'ask touch a.txt' })
    expect(await scene.steer('agent.send', { text: '1' })).toMatchObject({
      outcome: 'refused',
      refusal: { code: 'dialog_open' },
    })
    expect(scene.answers()).toEqual([])
  })

  test('a turn is interrupted, and only when one runs', { timeout: WAIT }, async () => {
    const scene = await ready()
    expect(await scene.steer('agent.interrupt')).toMatchObject({ outcome: 'refused', refusal: { code: 'not_working' } })
    await scene.steer('agent.send', { text: 'work' })
    expect(await scene.steer('agent.interrupt')).toMatchObject({ outcome: 'verified', effects: [{ observed: true }] })
  })

  test('what a mission says is quoted below a person’s words', { timeout: WAIT }, async () => {
    const scene = await ready()
    await expect(scene.propose('agent.nudge', { mission: 'm-404' })).rejects.toMatchObject({
      code: 'unknown_mission',
      exitCode: 2,
    })
    const { shown, token } = await scene.asked('agent.nudge')
    expect(shown.join('\n')).toContain('Please go on with your task')
    expect((await scene.confirm(token)).outcome).toBe('verified')
  })

  test('an agent in the tree above the caller is refused, and so is a caller without terminal', {
    timeout: WAIT,
  }, async () => {
    const scene = await ready()
    scene.caller = { pid: 42, agent: 'claude', terminal: true }
    expect((await scene.steer('agent.send', { text: 'x' })).refusal?.code).toBe('caller_is_agent')
    scene.caller = { pid: 42, agent: null, terminal: false }
    expect((await scene.steer('agent.approve')).refusal?.code).toBe('no_terminal')
    expect(await scene.screen()).not.toContain('❯ x')
  })

  test('any other program gets its line, though a shell stands in its pane, and no effect is claimed', {
    timeout: WAIT,
  }, async () => {
    const scene = await openSteerScene()
    const spawned = await scene.act('agent.spawn', {
      machine: 'here',
      cli: 'generic',
      cwd: scene.dir,
      args: ['sh', '-c', 'while read -r x; do echo "got $x" >>lines; done'],
    })
    const [agent] = (spawned.data?.agents ?? []) as readonly string[]
    expect(await scene.steer('agent.send', { agent, text: 'hello' })).toMatchObject({
      effects: [{ observed: true, evidence: 'tmux' }, { observed: false }],
    })
    await expect.poll(() => readFileSync(join(scene.dir, 'lines'), 'utf8'), { timeout: 20_000 }).toBe('got hello\n')
  })

  test('an agent that died since is not typed at', { timeout: WAIT }, async () => {
    const scene = await ready()
    const { token } = await scene.asked('agent.send', { text: 'hello' })
    process.kill(scene.agent(scene.claude).pane_pid ?? 0, 'SIGKILL')
    const acted = await scene.confirm(token)
    expect(acted.outcome).toBe('refused')
    expect(['no_terminal_seen', 'ended', 'pane_dead', 'not_ready']).toContain(acted.refusal?.code)
  })
})
