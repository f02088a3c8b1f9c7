// One suite for all adapters, on screens and bundles that real CLIs left.
import { describe, expect, test } from 'vitest'
import type { AgentAdapter, AgentPlan, Choice, Planned } from '../../../src/core/agent-adapter.ts'
import { adapterOf, adapters } from '../../../src/engine/adapters/index.ts'
import { holds } from '../../../src/engine/look.ts'
import { bundleIds, recordedBundle, recordedScreen } from './recorded.ts'

const codeOf = (planned: Planned): string => ('refused' in planned ? planned.code : 'plan')
const keysOf = (planned: Planned): readonly string[] =>
  'refused' in planned ? [planned.code] : planned.steps.flatMap((step) => (step.do === 'keys' ? step.keys : []))

const planOf = (planned: Planned): AgentPlan => {
  if ('refused' in planned) throw new Error(`refused: ${planned.code} ${planned.message}`)
  return planned
}

describe('every adapter', () => {
  const spec = {
    cwd: '/w',
    resume: null,
    newSessionId: null,
    model: null,
    permissions: 'ask',
    extra: ['prog'],
  } as const

  test.each(adapters.map((adapter) => [adapter.cli, adapter] as const))(
    '%s starts by argv, passes names and no values',
    (_cli, adapter) => {
      const launch = adapter.launch(spec)
      expect(launch.argv[0]).toBe(adapter.cli === 'generic' ? 'prog' : adapter.cli)
      expect(launch.passEnv).toEqual(launch.passEnv.filter((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)))
      expect(launch.passEnv.filter((name) => /^(VC_|NODE_OPTIONS|TMUX|CLAUDECODE)/.test(name))).toEqual([])
      expect(new Set(launch.passEnv).size).toBe(launch.passEnv.length)
    },
  )

  test.each(adapters.map((adapter) => [adapter.cli, adapter] as const))(
    '%s takes no id that could be a flag, no relative folder',
    (_cli, adapter) => {
      expect(() => adapter.launch({ ...spec, resume: '--dangerously-skip-permissions' })).toThrow('no session id')
      expect(() => adapter.launch({ ...spec, resume: 'a b c d e f' })).toThrow('no session id')
      expect(() => adapter.launch({ ...spec, newSessionId: 'mine' })).toThrow('UUID')
      expect(() => adapter.launch({ ...spec, model: '-x' })).toThrow('model')
      expect(() => adapter.launch({ ...spec, cwd: 'w' })).toThrow('absolute')
      expect(() => adapter.launch({ ...spec, extra: ['a\0b'] })).toThrow('zero byte')
    },
  )

  test('Claude is never left in auto mode unsaid, Codex never to its background server, Gemini never to its widest mode', () => {
    const argv = (cli: string, permissions: 'ask' | 'auto') =>
      adapterOf(cli)
        .launch({ ...spec, extra: [], permissions })
        .argv.join(' ')
    expect(argv('claude', 'ask')).toContain('--permission-mode default')
    expect(argv('claude', 'auto')).toContain('--permission-mode auto')
    expect(argv('codex', 'ask')).toBe('codex --no-daemon -a on-request -s workspace-write')
    expect(argv('codex', 'auto')).toContain('--no-daemon')
    expect(argv('gemini', 'auto')).toContain('--approval-mode auto_edit')
    expect(adapterOf('opencode').launch({ ...spec, extra: [] }).env.OPENCODE_PERMISSION).toContain('"bash":"ask"')
  })

  test('a session goes on by its own id', () => {
    const id = '1b235b0c-6ce6-4c46-bd3e-8821533099eb'
    const argv = (cli: string) => adapterOf(cli).launch({ ...spec, extra: [], resume: id })
    expect(argv('claude').argv).toEqual(expect.arrayContaining(['--resume', id]))
    expect(argv('codex').argv.slice(0, 3)).toEqual(['codex', 'resume', id])
    expect(argv('gemini').argv).toEqual(expect.arrayContaining(['--resume', id]))
    expect(argv('opencode').argv).toEqual(['opencode', '-s', id])
    expect(argv('claude').sessionId).toBe(id)
  })
})

const bundles = bundleIds().map((id) => ({ id, ...recordedBundle(id) }))
const verbs = (adapter: AgentAdapter) =>
  [
    ['deliver', (sight) => adapter.deliver('go on', sight)],
    ['interrupt', (sight) => adapter.interrupt(sight)],
    ['compact', (sight) => adapter.compact(sight)],
    ['quit', (sight) => adapter.quit(sight)],
  ] as const satisfies readonly (readonly [string, (sight: (typeof bundles)[number]['sight']) => Planned])[]

describe('recorded bundles', () => {
  const asking = bundles.filter(
    ({ truth, sight }) => ['needs_approval', 'asked_question'].includes(truth) || sight.dialog !== null,
  )
  test.each(asking.map((one) => [one.id, one] as const))(
    '%s: nothing but an answer goes into a dialog',
    (_id, { cli, sight }) => {
      expect(sight.dialog).not.toBeNull()
      for (const [, verb] of verbs(adapterOf(cli)))
        expect(['dialog_open', 'copy_mode', 'ended']).toContain(codeOf(verb(sight)))
      expect(adapterOf(cli).composer(sight)).toBeNull()
      const other = adapterOf(cli).answer({ say: 'approve' }, 'another dialog', sight)
      expect(['prompt_changed', 'copy_mode', 'ended']).toContain(codeOf(other))
    },
  )

  test.each(bundles.filter(({ truth }) => truth === 'dead').map((one) => [one.id, one] as const))(
    '%s: nobody is spoken to after death',
    (_id, { cli, sight }) => {
      const adapter = adapterOf(cli)
      for (const [, verb] of verbs(adapter)) expect(codeOf(verb(sight))).toBe('ended')
      expect(codeOf(adapter.answer({ say: 'approve' }, sight.dialog?.hash ?? '', sight))).toBe('ended')
      expect(adapter.readiness(sight)).toMatchObject({ ready: false, why: 'ended' })
    },
  )

  const working = bundles.filter(
    ({ truth, sight }) => truth === 'working' && sight.screen !== '' && sight.state === 'working',
  )
  test.each(working.map((one) => [one.id, one] as const))(
    '%s: a running turn is interrupted with Escape and neither quit nor compacted',
    (_id, { cli, sight }) => {
      const adapter = adapterOf(cli)
      expect(codeOf(adapter.quit(sight))).toBe('not_ready')
      expect(codeOf(adapter.compact(sight))).toBe('not_ready')
      expect(adapter.readiness(sight)).toMatchObject({ ready: false, why: 'busy' })
      expect(new Set(keysOf(adapter.interrupt(sight)))).toEqual(new Set(['Escape']))
    },
  )

  const TYPED = ['cl-typed-german-not-sent', 'oc-error-401-with-typed-text']
  test.each(TYPED)('%s: what somebody typed is neither sent nor overwritten', (id) => {
    const { cli, sight } = recordedBundle(id)
    expect(codeOf(adapterOf(cli).deliver('go on', sight))).toBe('composer_not_empty')
    expect(codeOf(adapterOf(cli).quit(sight))).toBe('composer_not_empty')
  })

  const rest = bundles.filter(
    ({ id, truth, sight }) =>
      ['idle', 'turn_finished', 'failed'].includes(truth) && !TYPED.includes(id) && sight.dialog === null,
  )
  test.each(rest.map((one) => [one.id, one] as const))(
    '%s: an agent at rest takes a prompt and has no turn to interrupt',
    (_id, { cli, sight }) => {
      const adapter = adapterOf(cli)
      expect(adapter.readiness(sight)).toEqual({ ready: true })
      const plan = planOf(adapter.deliver('go on', sight))
      expect(holds(plan.expects, sight, { adapter, before: sight })).toBe(true)
      expect(plan.steps.filter((step) => step.do === 'paste')).toMatchObject([{ text: 'go on' }])
      expect(keysOf(plan)).toEqual(['Enter'])
      expect(codeOf(adapter.interrupt(sight))).toBe('not_working')
    },
  )

  test('somebody scrolls: keys would not arrive', () => {
    const { sight } = recordedBundle('cl-usage-limit-copy-mode')
    for (const [, verb] of verbs(adapterOf('claude'))) expect(codeOf(verb(sight))).toBe('copy_mode')
  })
})

const YES: Choice = { say: 'approve' }
const NO: Choice = { say: 'reject' }

describe('the dialog on screen is answered by its label', () => {
  const screens: readonly (readonly [string, string, Choice, readonly string[]])[] = [
    ['claude-2.1.329', '08-approval', YES, ['1']],
    ['claude-2.1.329', '08-approval', NO, ['4']],
    // the same number meant "No" one version earlier
    ['claude-2.1.197', 'approval', YES, ['1']],
    ['claude-2.1.197', 'approval', NO, ['3']],
    ['claude-2.1.329', '02-trust-dialog', YES, ['Down', 'Enter']],
    ['claude-2.1.329', '02-trust-dialog', NO, ['Enter']],
    ['claude-2.1.329', '03-api-key-dialog', YES, ['Up', 'Enter']],
    ['codex-0.169.0', '05-approval', YES, ['y']],
    ['codex-0.169.0', '05-approval', NO, ['Escape']],
    ['codex-0.169.0', '01-trust-dialog', YES, ['Enter']],
    ['codex-0.169.0', '01-hooks-review-dialog', YES, ['no_such_option']],
    [
      'codex-0.169.0',
      '01-hooks-review-dialog',
      { say: 'label', label: "Continue without trusting (hooks won't run)" },
      ['Down', 'Down', 'Enter'],
    ],
    ['gemini-0.61.0', '05-approval', YES, ['1']],
    ['gemini-0.61.0', '05-approval', NO, ['3']],
    ['gemini-0.61.0', '01-trust-dialog', NO, ['3']],
    ['gemini-0.61.0', '08-error-quota', YES, ['no_such_option']],
    ['gemini-0.61.0', '08-error-quota', { say: 'label', label: 'Stop' }, ['2']],
    ['opencode-1.18.33', '04-approval', YES, ['Enter']],
    ['opencode-1.18.33', '04-approval', NO, ['Right', 'Right', 'Enter']],
    ['opencode-1.18.33', '04-approval', { say: 'label', label: 'Allow always' }, ['Right', 'Enter']],
  ]
  test.each(screens)('%s %s %o', (folder, name, choice, keys) => {
    const sight = recordedScreen(folder, name)
    const adapter = adapterOf(folder.split('-')[0] ?? '')
    const planned = adapter.answer(choice, sight.dialog?.hash ?? '', sight)
    expect(keysOf(planned)).toEqual(keys)
    if ('refused' in planned) return
    // every single key is bound to this dialog
    for (const step of planned.steps)
      if (step.do === 'keys') expect(JSON.stringify(step.onlyIf)).toContain(sight.dialog?.hash)
    expect(planned.retry).toBeNull()
  })

  const answers: readonly (readonly [string, Choice, readonly string[]])[] = [
    ['cl-approve-write-file', YES, ['1']],
    ['cl-approve-write-file', NO, ['3']],
    ['cl197-approve-web-fetch', NO, ['3']],
    ['cx-trust-dialog-60x20', YES, ['Enter']],
    ['cx-usage-limit-80x24', YES, ['no_such_option']],
    ['gm-approve-multiline-80x24-second', YES, ['1']],
    ['gm-no-color-approval-60x20', NO, ['3']],
    ['oc-approve-web-fetch', YES, ['Enter']],
    ['oc-approve-web-fetch', NO, ['Right', 'Right', 'Enter']],
  ]
  test.each(answers)('%s %o', (id, choice, keys) => {
    const { cli, sight } = recordedBundle(id)
    expect(keysOf(adapterOf(cli).answer(choice, sight.dialog?.hash ?? '', sight))).toEqual(keys)
  })

  test('without colours nobody knows which option of OpenCode is selected, and nothing is pressed', () => {
    const sight = recordedScreen('opencode-1.18.33', '04-approval', { ansi: '' })
    expect(keysOf(adapterOf('opencode').answer(YES, sight.dialog?.hash ?? '', sight))).toEqual(['dialog_unclear'])
  })

  test('a dead agent leaves its dialog behind as a picture', () => {
    const sight = recordedScreen('claude-2.1.329', '08-approval', { process: 'gone' })
    expect(keysOf(adapterOf('claude').answer(YES, sight.dialog?.hash ?? '', sight))).toEqual(['ended'])
  })
})

describe('the input line', () => {
  const lines: readonly (readonly [string, string, string | null, boolean])[] = [
    ['claude-2.1.329', '04-idle', null, false],
    ['claude-2.1.329', '05-typed', 'text', false],
    ['codex-0.169.0', '02-idle', 'Ask Codex to do anything', true],
    ['gemini-0.61.0', '02-idle', 'Type your message or @path/to/file', true],
    ['gemini-0.61.0', '11-no-bars-typed', 'text', false],
    ['gemini-0.61.0', '11-no-bars-answered-typed', 'text', false],
    ['opencode-1.18.33', '01-idle-start', 'text', true],
    ['opencode-1.18.33', '03-idle-after-turn', null, false],
  ]
  test.each(lines)('%s %s', (folder, name, text, ghost) => {
    const composer = adapterOf(folder.split('-')[0] ?? '').composer(recordedScreen(folder, name))
    expect(composer).not.toBeNull()
    expect(composer?.ghost).toBe(ghost)
    if (text === null) expect(composer?.text).toBe('')
    else if (text === 'text') expect(composer?.text).toMatch(/\S/)
    else expect(composer?.text).toBe(text)
  })
})

describe('a resumed session', () => {
  test('is ready when its history is drawn: what is typed before is lost', () => {
    const gemini = adapterOf('gemini')
    expect(gemini.readiness(recordedScreen('gemini-0.61.0', '02-idle', { state: 'idle' }), true)).toMatchObject({
      why: 'starting',
    })
    expect(gemini.readiness(recordedScreen('gemini-0.61.0', '02-idle', { state: 'idle' }))).toEqual({ ready: true })
    expect(
      gemini.readiness(recordedScreen('gemini-0.61.0', '04-idle-after-turn', { state: 'turn_finished' }), true),
    ).toEqual({ ready: true })
    const opencode = adapterOf('opencode')
    expect(opencode.readiness(recordedScreen('opencode-1.18.33', '01-idle-start'), true)).toMatchObject({
      why: 'starting',
    })
    expect(
      opencode.readiness(recordedScreen('opencode-1.18.33', '03-idle-after-turn', { state: 'turn_finished' }), true),
    ).toEqual({ ready: true })
  })
})

test('OpenCode records a prompt while it is still queued: there the record is no proof that it was submitted', () => {
  const ends = (cli: string, folder: string, name: string): readonly string[] => {
    const plan = planOf(adapterOf(cli).deliver('then this', recordedScreen(folder, name, { state: 'working' })))
    return plan.proofs.filter(({ look }) => look.see === 'recorded').map(({ end }) => end)
  }
  expect(ends('opencode', 'opencode-1.18.33', '02-working')).toEqual(['queued'])
  expect(ends('gemini', 'gemini-0.61.0', '03-working')).toEqual(['submitted'])
})
