import { type Recording, recordingOf } from './recordings.ts'

export type DemoState =
  | 'working'
  | 'needs_approval'
  | 'asked_question'
  | 'turn_finished'
  | 'idle'
  | 'rate_limited'
  | 'failed'
  | 'stalled'

/** Tokens of one answer, as its CLI counts them; `answersToday` of them today and as many on each of two days before. */
export interface DemoUsage {
  readonly model: string
  readonly answersToday: number
  readonly input: number
  readonly cached: number
  readonly output: number
}

/** One agent of the demo fleet: a process with a terminal, the pane it sits in, and its session's transcript. */
export interface DemoAgent {
  readonly pid: number
  readonly cli: 'claude' | 'codex' | 'gemini' | 'opencode'
  readonly cwd: string
  readonly state: DemoState
  readonly title: string
  /** What it shows: a real agent in that state. */
  readonly recording: Recording
  /** Percent of one core. */
  readonly cpuPct: number
  readonly rssMb: number
  readonly usage: DemoUsage
}

export interface DemoMachine {
  readonly id: string
  readonly about: string
  readonly cores: number
  readonly busyPct: number
  readonly load: readonly [number, number, number]
  readonly memGb: number
  readonly memUsedPct: number
  readonly diskGb: number
  readonly diskUsedPct: number
  readonly agents: readonly DemoAgent[]
  /** Tools besides those every machine has. */
  readonly tools?: readonly string[]
}

const USAGE: Readonly<Record<DemoAgent['cli'], DemoUsage>> = {
  claude: { model: 'claude-sonnet-4-5', answersToday: 24, input: 90, cached: 61_000, output: 740 },
  codex: { model: 'gpt-5.1-codex', answersToday: 16, input: 48_000, cached: 41_000, output: 910 },
  gemini: { model: 'gemini-2.5-pro', answersToday: 12, input: 37_000, cached: 22_000, output: 560 },
  opencode: { model: 'claude-haiku-4-5', answersToday: 10, input: 1_900, cached: 28_000, output: 430 },
}

const agent = (
  [pid, cli, project]: readonly [number, DemoAgent['cli'], string],
  state: DemoState,
  title: string,
  recording: Recording,
  cpuPct: number,
): DemoAgent => ({
  ...{ pid, cli, state, title, recording, cpuPct },
  cwd: `/srv/code/${project}`,
  rssMb: 180 + (pid % 7) * 40,
  usage: { ...USAGE[cli], answersToday: USAGE[cli].answersToday + (pid % 11) },
})

/** The fleet of `npm run demo`: one machine well, one full, one overloaded, one bare. Those out of reach have no picture. */
// biome-ignore format: a table of machines
export const DEMO_FLEET: readonly DemoMachine[] = [
  {
    id: 'atlas',
    about: 'a healthy build machine with three agents',
    cores: 16, busyPct: 31, load: [4.9, 5.2, 4.4], memGb: 64, memUsedPct: 48, diskGb: 930, diskUsedPct: 61,
    tools: ['cass', 'rch'],
    agents: [
      agent([4101, 'claude', 'limits'], 'working', '⠐ Fix rate limit parser', recordingOf('cl-silent-thinking-45s'), 22),
      agent([4188, 'codex', 'billing'], 'turn_finished', 'billing', recordingOf('cx-quotes-approval-dialog'), 1),
      agent([4250, 'opencode', 'handbook'], 'working', 'OpenCode', recordingOf('oc-no-color-streaming', 'opencode-1.18.33/02-working'), 9),
    ],
  },
  {
    id: 'borg',
    about: 'a disk nearly full, and an agent waiting for approval',
    cores: 8, busyPct: 12, load: [0.8, 0.9, 1.1], memGb: 32, memUsedPct: 63, diskGb: 460, diskUsedPct: 95,
    tools: ['automated_flywheel_setup_checker'],
    agents: [
      agent([5210, 'claude', 'shop'], 'needs_approval', '✳ Migrate the orders table', recordingOf('cl-approve-write-file'), 2),
      agent([5302, 'gemini', 'search'], 'working', '✦  Working… (search)', recordingOf('gm-silent-tool-58s'), 12),
      agent([5377, 'codex', 'mailer'], 'failed', 'mailer', recordingOf('cx-error-500'), 1),
      agent([5420, 'claude', 'tickets'], 'idle', '✳ Claude Code', recordingOf('cl-composer-cleared-by-ctrl-c'), 0.4),
    ],
  },
  {
    id: 'cygnus',
    about: 'more work than cores, little memory left, and a rate limit that was met',
    cores: 4, busyPct: 97, load: [13.4, 11.8, 9.2], memGb: 16, memUsedPct: 94, diskGb: 230, diskUsedPct: 72,
    agents: [
      agent([6101, 'claude', 'compiler'], 'working', '⠂ Port the parser', recordingOf('cl-silent-tool-58s'), 88),
      agent([6190, 'claude', 'importer'], 'asked_question', '✳ Round the invoices', recordingOf('cl-question-dialog-200x50'), 3),
      agent([6275, 'codex', 'fuzzer'], 'rate_limited', 'fuzzer', recordingOf('cx-usage-limit-80x24'), 3),
      agent([6301, 'gemini', 'grammar'], 'stalled', '✦  Working… (grammar)', recordingOf('gm-no-first-byte-45s'), 0),
    ],
  },
  {
    id: 'eris',
    about: 'a bare machine without agents',
    cores: 2, busyPct: 3, load: [0.02, 0.05, 0.01], memGb: 4, memUsedPct: 22, diskGb: 60, diskUsedPct: 18,
    agents: [],
  },
]
