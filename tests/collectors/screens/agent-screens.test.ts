import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readScreen, type ScreenReading } from '../../../src/collectors/screens/index.ts'
import type { AgentCli } from '../../../src/core/agent.ts'
import { recordedScreens, SCREEN_TRUTH } from './agent-screens-truth.ts'

const read = (cli: AgentCli, screen: string, title = '', width = 100): ScreenReading | null =>
  readScreen({ screen, title, currentCommand: cli, width, cli })

const screens = recordedScreens()

describe('recorded screens', () => {
  test('every recording has its truth written down', () => {
    expect(screens.map((screen) => screen.name).sort()).toEqual(Object.keys(SCREEN_TRUTH).sort())
  })

  test.each(screens.filter((screen) => SCREEN_TRUTH[screen.name] !== null))('$name', (screen) => {
    const reading = readScreen({ ...screen, width: 120 })
    expect(reading?.state, reading?.rule).toBe(SCREEN_TRUTH[screen.name])
    expect(reading?.rule).toMatch(new RegExp(`^${screen.cli}\\.screen\\.\\w+@\\d`))
  })

  test('a streaming Codex is no idle Codex', () => {
    const streaming = screens.find((screen) => screen.name === 'codex-0.169.0/03-working')
    expect(streaming && readScreen({ ...streaming, width: 120 })).toBeNull()
  })

  test('a dialog brings its labels, in order, for the approval to be bound to', () => {
    const approval = screens.find((screen) => screen.name === 'claude-2.1.329/08-approval')
    const dialog = approval && readScreen({ ...approval, width: 120 })?.dialog
    expect(dialog?.options).toEqual([
      'Yes',
      'Yes, and always allow access to /home/dev/work/claude-demo from this project',
      'Yes, and switch to auto mode · auto mode handles these prompts for you',
      'No',
    ])
    expect(dialog?.title).toBe('Bash command')
    expect(dialog?.body).toContain('touch a.txt')
  })

  test('of a menu its title is kept, not what a person reads in it; a plan keeps what it asks', () => {
    const dialogOf = (name: string): ScreenReading['dialog'] | undefined => {
      const recorded = screens.find((screen) => screen.name === name)
      return recorded && readScreen({ ...recorded, width: 120 })?.dialog
    }
    expect(dialogOf('claude-2.1.330/01-menu-model')).toEqual({ title: 'Select model', body: '', options: [] })
    expect(dialogOf('claude-2.1.330/05-plan')).toMatchObject({
      title: 'Exit plan mode?',
      options: ['Yes, and switch to default (ask each time) for this session', 'No'],
    })
  })
})

const WORDS: Readonly<Record<string, readonly string[]>> = {
  waiting_approval: ['needs_approval'],
  error: ['failed'],
  exited: ['dead'],
  idle: ['idle', 'turn_finished'],
  unknown: ['unknown'],
}
const cases = JSON.parse(readFileSync(new URL('../../fixtures/agent-states/cases.json', import.meta.url), 'utf8')) as {
  name: string
  agent: AgentCli
  title: string
  screen: string
  expect: string
}[]

describe('field-reported screens of older builds', () => {
  test.each(cases)('$name is $expect', (item) => {
    const state = read(item.agent, item.screen, item.title, 80)?.state ?? 'unknown'
    expect(WORDS[item.expect] ?? [item.expect]).toContain(state)
  })
})

const RULER = '─'.repeat(80)
const composer = (typed = '', foot = '  ⏸ manual mode on · ? for shortcuts'): string =>
  `${RULER}\n❯ ${typed}\n${RULER}\n${foot}`

describe('Claude: only the live part counts', () => {
  test('banners quoted in an answer are not its own', () => {
    const quote =
      "❯ show it\n\n● The pane says:\n\n    ⎿ You've hit your 5-hour limit · resets 11:50pm (UTC)\n\n● API Error: 500 was the older one.\n\n  Nothing else.\n\n✻ Cooked for 3s\n"
    expect(read('claude', `${quote}\n${composer()}`)?.state).toBe('turn_finished')
  })
  test('a quoted dialog above a composer is not a dialog', () => {
    const quote =
      '● It asks:\n\n  Do you want to proceed?\n  ❯ 1. Yes\n    2. No\n\n  Esc to cancel\n\n✻ Baked for 1s\n'
    expect(read('claude', `❯ q\n\n${quote}\n${composer()}`)).toMatchObject({ state: 'turn_finished', dialog: null })
  })
  test('a numbered list typed into the composer is not a dialog', () => {
    expect(read('claude', `✻ Baked for 1s\n\n${composer('1. Yes, fix it')}`)?.state).toBe('turn_finished')
  })
  test('a plan waits for approval, a question for an answer', () => {
    const plan = `❯ go\n\n${RULER}\n Ready to code?\n\n Would you like to proceed?\n\n ❯ 1. Yes, and auto-accept edits\n   2. Yes, and manually approve edits\n   3. No, keep planning\n`
    expect(read('claude', plan)?.state).toBe('needs_approval')
    const question = `❯ go\n${RULER}\n ☐ Format\n\nWelches Format soll es sein?\n\n  1. JSON\n❯ 2. CSV\n  3. Type something.\n${RULER}\n  4. Chat about this\n\nEnter to select · ↑/↓ to navigate · Esc to cancel`
    expect(read('claude', question)?.state).toBe('asked_question')
  })
  test('a dropped connection with retry is work, a limit with retry is a limit', () => {
    expect(
      read(
        'claude',
        `❯ go\n\n✻ Connection dropped (ECONNRESET) · retrying in 28s · attempt 7/10\n\n${composer('', '  ⏸ manual mode on · esc to interrupt')}`,
      ),
    ).toMatchObject({ state: 'working', reason: expect.stringContaining('retrying') })
    expect(
      read('claude', `❯ go\n\n✻ 5-hour limit reached · retrying in 2s (11:47pm) · attempt 1/10\n\n${composer()}`)
        ?.state,
    ).toBe('rate_limited')
  })
  test('background shells after the turn are work', () => {
    expect(read('claude', `✻ Churned for 6m 24s · 2 shells still running\n\n${composer()}`)).toMatchObject({
      state: 'working',
      reason: expect.stringContaining('background'),
    })
  })
  test('2.1.197 closes a limited turn with a worked line: it stays limited', () => {
    expect(
      read(
        'claude',
        `❯ Bericht\n  ⎿  You’ve hit your session limit · resets 1:09am (UTC)\n\n✻ Baked for 0s\n\n${composer()}`,
      ),
    ).toMatchObject({ state: 'rate_limited', reason: 'resets 1:09am (UTC)', until: null })
  })
  test('a menu somebody opened says nothing', () => {
    expect(
      read(
        'claude',
        `✻ Baked for 0s\n\n${RULER}\n Select model\n\n ❯ 1. Default\n   2. Opus\n\n Enter to confirm · Esc to cancel`,
      )?.state,
    ).toBe('unknown')
  })
  test('a footer cut by a narrow pane still shows work', () => {
    expect(
      read('claude', `❯ go\n\n${'─'.repeat(40)}\n❯ \n${'─'.repeat(40)}\n  ⏵⏵ auto mode on · esc to in…`, '', 40)?.state,
    ).toBe('working')
  })
})

describe('Codex, Gemini, OpenCode', () => {
  test('a numbered list typed into Codex is not a dialog', () => {
    expect(
      read(
        'codex',
        '  Worked for 2s • 21:53\n\n\n› 1. Fix the parser\n  2. Then the tests\n\n  gpt-5 default · ~/x\n  ← for agents · ? for shortcuts',
      )?.state,
    ).not.toBe('asked_question')
  })
  test('a Codex header cut at the interrupt hint is work in any language', () => {
    expect(
      read(
        'codex',
        '› los\n\n\n• Prüfe die drei Ablagen (1m 02s • esc to i…\n\n\n› Ask Codex to do anything\n\n  m default · ~/x',
        '',
        60,
      )?.state,
    ).toBe('working')
  })
  test('background terminals of Codex', () => {
    expect(
      read(
        'codex',
        '› los\n\n• Läuft.\n\n  Worked for 2s • 21:53\n\n  1 background terminal running · /ps to view\n\n› Ask Codex to do anything\n\n  m default · ~/x',
      ),
    ).toMatchObject({ state: 'working', reason: expect.stringContaining('background') })
  })
  test('a Gemini loop dialog asks a question, trust asks for leave', () => {
    const box = (body: string, options: string): string =>
      `╭${'─'.repeat(60)}╮\n│ ${body} │\n│ ${options.replaceAll('\n', ' │\n│ ')} │\n╰${'─'.repeat(60)}╯`
    expect(
      read(
        'gemini',
        box('A potential loop was detected', '● 1. Keep loop detection enabled\n  2. Disable for this session'),
      )?.state,
    ).toBe('asked_question')
    expect(read('gemini', box('Do you trust this folder?', "● 1. Trust folder (x)\n  2. Don't trust"))?.state).toBe(
      'needs_approval',
    )
  })
  test('a quoted Gemini dialog above the input is not one', () => {
    const bars = `${'▄'.repeat(80)}\n >   Type your message or @path/to/file\n${'▀'.repeat(80)}`
    expect(read('gemini', `✦ It showed:\n\n  │ ● 1. Allow once │\n  │   2. No │\n\n${bars}`)?.state).not.toBe(
      'needs_approval',
    )
  })
  test('an OpenCode footer without room for its hint still pulses', () => {
    expect(
      read('opencode', `  ┃\n  ┃  go\n  ┃\n\n     ▣  Build · M\n\n  ┃\n  ┃\n  ╹${'▀'.repeat(50)}\n   ⬝⬝⬝■■■■■`, '', 60)
        ?.state,
    ).toBe('working')
  })
  test('text typed into a fresh OpenCode leaves it idle: the logo still stands', () => {
    const logo = '      █▀▀█ █▀▀█ █▀▀█ █▀▀▄ █▀▀▀ █▀▀█ █▀▀█ █▀▀█'
    expect(
      read(
        'opencode',
        `${logo}\n\n   ┃\n   ┃  bitte prüfe die Umsätze\n   ┃\n   ┃  Build · M\n   ╹${'▀'.repeat(50)}\n   tab agents  ctrl+p commands`,
      ),
    ).toMatchObject({ state: 'idle', rule: 'opencode.screen.fresh@1.18' })
  })
  test('a permission whose foot is clipped is still one', () => {
    expect(
      read(
        'opencode',
        '  ┃\n  ┃  △ Permission required\n  ┃    # Shell command\n  ┃\n  ┃  $ find . -type f\n  ┃',
        '',
        60,
      )?.state,
    ).toBe('needs_approval')
  })
  test('the banner of codex exec is no fresh composer', () => {
    expect(
      read(
        'codex',
        'dev@host:~/head# codex exec "go"\nOpenAI Codex v0.169.0\n--------\nworkdir: /home/dev/head\n--------\nuser\ngo\n',
      ),
    ).toBeNull()
  })
  test('a server error with retry is work in OpenCode', () => {
    expect(
      read(
        'opencode',
        `  ╹${'▀'.repeat(50)}\n   ⬝⬝⬝⬝⬝⬝⬝⬝ The server had an error [retrying in 2s attempt #2]  esc interrupt`,
      )?.state,
    ).toBe('working')
  })
})

describe('whatever a pane shows', () => {
  const clis: readonly AgentCli[] = ['claude', 'codex', 'gemini', 'opencode']
  test('reading never throws and keeps its bounds', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...clis),
        fc.string({ unit: 'binary', maxLength: 2_000 }),
        fc.integer({ min: 0, max: 300 }),
        (cli, screen, width) => {
          const reading = read(cli, screen, screen.slice(0, 20), width)
          expect((reading?.reason ?? '').length).toBeLessThanOrEqual(120)
          expect((reading?.dialog?.body ?? '').length).toBeLessThanOrEqual(4_000)
        },
      ),
    )
  })
  test('huge and hostile screens are cut, not walked through', () => {
    for (const cli of clis)
      expect(() => read(cli, `${'─'.repeat(500_000)}\n${'❯ 1. '.repeat(50_000)}\u001b[2J\u001b]0;x`)).not.toThrow()
  })
  test('colours and no-break spaces change nothing', () => {
    const [sample] = screens.filter((screen) => screen.name === 'claude-2.1.329/08-approval')
    const dressed = (sample?.screen ?? '')
      .split('\n')
      .map((line) => `\u001b[1;31m${line.replaceAll(' ', '\u00a0')}\u001b[0m\r`)
      .join('\n')
    expect(read('claude', dressed)?.state).toBe('needs_approval')
  })
  test('panes too narrow for any shape are not guessed at', () => expect(read('claude', '❯ ', '', 20)).toBeNull())
})
