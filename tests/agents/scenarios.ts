import { setTimeout as pause } from 'node:timers/promises'
import type { Cli } from './clis.ts'
import { ANSWERS, DRIVING } from './driving.ts'
import type { Lab, LaunchOptions } from './lab.ts'
import type { Terminal } from './terminal.ts'
import { until } from './wait.ts'

export interface Scenario {
  readonly name: string
  readonly clis: readonly Cli[]
  readonly launch?: LaunchOptions
  /** No prompt to wait for: a one-shot run. */
  readonly headless?: true
  /** Expected state per CLI; further ones are allowed by the meaning of the states. */
  readonly expect: Readonly<Partial<Record<Cli, readonly [string, ...string[]]>>>
  /** What happened to another terminal before; its agent is met again in this one. */
  readonly resumes?: true
  act(terminal: Terminal, cli: Cli, lab: Lab): Promise<void>
}

const ALL: readonly Cli[] = ['claude', 'codex', 'gemini', 'opencode']
const all = (...states: readonly [string, ...string[]]): Scenario['expect'] =>
  Object.fromEntries(ALL.map((cli) => [cli, states]))

const failing = (name: string, expect: Scenario['expect'], seen: Readonly<Partial<Record<Cli, RegExp>>>, launch?: LaunchOptions): Scenario => ({
  name,
  clis: ALL.filter((cli) => expect[cli] !== undefined),
  expect,
  ...(launch === undefined ? {} : { launch }),
  act: async (terminal, cli) => {
    await terminal.say(`mock:${name.replace('+', ' ')}`)
    await terminal.sees(seen[cli] ?? /./)
    // retries of the error must have ended or gone on for a moment: wait for the second sight of the same words
    await pause(1_500)
  },
})

const askApproval = async (terminal: Terminal, cli: Cli, cmd = 'touch_a.txt'): Promise<void> => {
  await terminal.say(`mock:tool cmd=${cmd} ${DRIVING[cli].toolArgs}`)
  await terminal.sees(DRIVING[cli].approval)
}

/** Answers a dialog. Claude ignores a key in the first moment of a dialog (a guard against blind typing): press until it is gone. */
export const press = async (terminal: Terminal, cli: Cli, keys: readonly string[]): Promise<void> => {
  await until('the dialog to close', async () => {
    await pause(800)
    if (!DRIVING[cli].approval.test(await terminal.screen())) return true
    await terminal.key(...keys)
    await pause(700)
    return !DRIVING[cli].approval.test(await terminal.screen())
  })
}

const slow = async (terminal: Terminal, cli: Cli): Promise<void> => {
  await terminal.say('mock:slow secs=90')
  await terminal.sees(DRIVING[cli].busy)
  await terminal.sees(cli === 'gemini' || cli === 'claude' ? DRIVING[cli].busy : /Step [1-9]/)
}

const answered = async (terminal: Terminal, text = 'mock:say'): Promise<void> => {
  await terminal.say(text)
  await terminal.sees(ANSWERS.answered)
  await pause(1_000)
}

const RESUME: Readonly<Record<Cli, readonly string[]>> = {
  claude: ['--continue'],
  codex: [],
  gemini: ['--resume', 'latest'],
  opencode: ['--continue'],
}

const subscription: LaunchOptions = { env: { ANTHROPIC_API_KEY: null, CLAUDE_CODE_OAUTH_TOKEN: 'dummy' } }

export const SCENARIOS: readonly Scenario[] = [
  { name: 'idle', clis: ALL, expect: all('idle'), act: async () => undefined },
  { name: 'typed', clis: ALL, expect: all('idle'), act: (terminal) => terminal.type('half a thought') },
  { name: 'finished', clis: ALL, expect: all('turn_finished'), act: (terminal) => answered(terminal) },
  { name: 'working', clis: ALL, expect: all('working'), act: slow },
  {
    name: 'no first byte',
    clis: ALL,
    expect: all('working'),
    act: async (terminal, cli) => {
      await terminal.say('mock:hang secs=90')
      await terminal.sees(DRIVING[cli].busy)
      await pause(3_000)
    },
  },
  { name: 'approval', clis: ALL, expect: all('needs_approval'), act: (terminal, cli) => askApproval(terminal, cli) },
  {
    name: 'approved',
    clis: ALL,
    expect: all('turn_finished'),
    act: async (terminal, cli) => {
      await askApproval(terminal, cli, 'touch_b.txt')
      await press(terminal, cli, DRIVING[cli].accept)
      await terminal.sees(ANSWERS.toolAnswered)
      await pause(1_000)
    },
  },
  {
    // Claude refuses a bare sleep.
    name: 'long tool',
    clis: ALL,
    expect: all('working'),
    act: async (terminal, cli) => {
      await askApproval(terminal, cli, 'tail_-f_/dev/null')
      await press(terminal, cli, DRIVING[cli].accept)
      await until('the tool to run', async () => (await terminal.processes()).some((row) => row.comm === 'tail'))
      await pause(1_000)
    },
  },
  {
    name: 'rejected',
    clis: ALL,
    expect: all('idle', 'turn_finished'),
    act: async (terminal, cli) => {
      await askApproval(terminal, cli, 'touch_c.txt')
      await press(terminal, cli, ['Escape'])
      await pause(1_000)
    },
  },
  {
    name: 'interrupted',
    clis: ALL,
    expect: { ...all('idle'), codex: ['idle', 'turn_finished'] },
    act: async (terminal, cli) => {
      await slow(terminal, cli)
      await DRIVING[cli].interrupt(terminal)
      await terminal.sees(DRIVING[cli].interrupted)
      await pause(1_000)
    },
  },
  {
    name: 'sub-agent',
    clis: ['claude', 'opencode'],
    expect: all('working'),
    act: async (terminal, cli) => {
      await terminal.say(`mock:subagent sub=slow secs=90 ${DRIVING[cli].subagentArgs}`)
      await terminal.sees(/Mock sub-task/i)
      await pause(4_000)
    },
  },
  failing('quota', { claude: ['rate_limited'] }, { claude: /limit/ }, subscription),
  failing(
    'quota',
    {
      codex: ['rate_limited', 'asked_question', 'failed'],
      gemini: ['rate_limited', 'asked_question', 'needs_approval', 'failed'],
      opencode: ['rate_limited', 'working'],
    },
    { codex: /usage limit/, gemini: /Usage limit reached|exhausted/, opencode: /retrying/ },
  ),
  failing(
    '429',
    {
      claude: ['rate_limited', 'failed'],
      codex: ['failed', 'rate_limited'],
      gemini: ['rate_limited', 'asked_question', 'needs_approval', 'failed'],
      opencode: ['rate_limited', 'working'],
    },
    { claude: /429/, codex: /■ /, gemini: /Usage limit reached|exhausted|API Error/, opencode: /retrying/ },
  ),
  failing('429r+n=90', { claude: ['rate_limited'] }, { claude: /retrying in/ }),
  failing('500r+n=90', { claude: ['working'] }, { claude: /retrying in/ }),
  failing(
    '500',
    { claude: ['failed'], codex: ['failed'], gemini: ['working'], opencode: ['working'] },
    { claude: /API Error/, codex: /■ /, gemini: /Thinking|esc to cancel/, opencode: /retrying/ },
  ),
  failing('401', all('failed'), {
    claude: /Invalid API key|API Error/,
    codex: /■ /,
    gemini: /API Error/,
    opencode: /Incorrect API key/,
  }),
  {
    name: 'recovered',
    clis: ALL,
    expect: all('turn_finished'),
    act: async (terminal, cli) => {
      await terminal.say('mock:401')
      await terminal.sees({ claude: /Invalid API key|API Error/, codex: /■ /, gemini: /API Error/, opencode: /Incorrect API key/ }[cli])
      await pause(1_000)
      await answered(terminal)
    },
  },
  {
    name: 'stopped',
    clis: ALL,
    expect: all('stalled'),
    act: async (terminal, cli) => {
      await slow(terminal, cli)
      await terminal.signal('SIGSTOP')
    },
  },
  {
    name: 'kill -9 at approval',
    clis: ALL,
    expect: all('dead'),
    act: async (terminal, cli) => {
      await askApproval(terminal, cli, 'touch_d.txt')
      await terminal.signal('SIGKILL')
      await until('nobody below the shell', async () => (await terminal.processes()).length === 0)
    },
  },
  {
    name: 'quit',
    clis: ALL,
    expect: all('dead'),
    act: async (terminal, cli) => {
      await answered(terminal)
      await DRIVING[cli].quit(terminal)
      await terminal.sees(ANSWERS.shell)
    },
  },
  {
    name: 'continued',
    clis: ALL,
    expect: { ...all('working') },
    act: async (terminal, cli) => {
      await slow(terminal, cli)
      await terminal.signal('SIGSTOP')
      await pause(500)
      await terminal.signal('SIGCONT')
      await pause(1_500)
    },
  },
  {
    name: 'next turn',
    clis: ALL,
    expect: all('working'),
    act: async (terminal, cli) => {
      await answered(terminal)
      await slow(terminal, cli)
    },
  },
  {
    name: 'turn after interrupt',
    clis: ALL,
    expect: all('turn_finished'),
    act: async (terminal, cli) => {
      await slow(terminal, cli)
      await DRIVING[cli].interrupt(terminal)
      await terminal.sees(DRIVING[cli].interrupted)
      await pause(1_000)
      if (cli === 'claude' || cli === 'gemini') await terminal.key('C-u')
      await answered(terminal)
    },
  },
  {
    name: 'resumed',
    clis: ALL,
    resumes: true,
    launch: { words: (words, cli) => [...(cli === 'codex' ? [words[0] ?? 'codex', 'resume', '--last', ...words.slice(1)] : words), ...RESUME[cli]] },
    expect: all('turn_finished'),
    // another answer than the one that may stand on the screen already
    act: async (terminal) => {
      await terminal.say('mock:slow secs=1')
      await terminal.sees(/Step 2 of 2/)
      await pause(1_500)
    },
  },
  {
    name: 'thin client working',
    clis: ['codex'],
    launch: { words: (words) => words.filter((word) => word !== '--no-daemon') },
    expect: { codex: ['working'] },
    act: slow,
  },
  {
    name: 'thin client approval',
    clis: ['codex'],
    launch: { words: (words) => words.filter((word) => word !== '--no-daemon') },
    expect: { codex: ['needs_approval'] },
    act: (terminal, cli) => askApproval(terminal, cli, 'touch_e.txt'),
  },
  {
    name: 'one-shot working',
    clis: ALL,
    headless: true,
    launch: { headless: 'mock:slow secs=41' },
    expect: all('working'),
    act: async (_terminal, _cli, lab) => {
      await until('its request', async () => (await lab.requests()).some((request) => request.main && request.args?.secs === '41'))
      await pause(4_000)
    },
  },
]
