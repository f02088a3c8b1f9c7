/** One agent of the demo fleet: a process with a terminal, and the pane it sits in. */
export interface DemoAgent {
  readonly pid: number
  readonly cli: 'claude' | 'codex' | 'gemini' | 'opencode'
  readonly cwd: string
  readonly title: string
  readonly screen: string
  /** Percent of one core. */
  readonly cpuPct: number
  readonly rssMb: number
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
}

const WORKING = `● Reading src/limits.ts

✶ Percolating… (41s · ↓ 1.2k tokens · esc to interrupt)

❯
  ⏵⏵ accept edits on (shift+tab to cycle)`

const APPROVAL = `● Bash(npm run migrate)

────────────────────────────────────────
 Bash command

   npm run migrate
   Apply the schema to the staging database

 Do you want to proceed?
 ❯ 1. Yes
   2. Yes, and don't ask again for npm run migrate
   3. No, and tell Claude what to do differently (esc)
`

const CODEX_IDLE = `› Summarize recent commits

  47% context left · ? for shortcuts`

const agent = (
  pid: number,
  cli: DemoAgent['cli'],
  project: string,
  title: string,
  screen: string,
  cpuPct: number,
): DemoAgent => ({
  ...{ pid, cli, title, screen, cpuPct },
  cwd: `/srv/code/${project}`,
  rssMb: 180 + (pid % 7) * 40,
})

/** The fleet of `npm run demo`: one machine well, one full, one overloaded, one bare. Those out of reach have no picture. */
export const DEMO_FLEET: readonly DemoMachine[] = [
  {
    id: 'atlas',
    about: 'a healthy build machine with two agents at work',
    cores: 16, busyPct: 31, load: [4.9, 5.2, 4.4], memGb: 64, memUsedPct: 48, diskGb: 930, diskUsedPct: 61,
    agents: [
      agent(4101, 'claude', 'limits', '⠐ Fix rate limit parser', WORKING, 22),
      agent(4188, 'codex', 'billing', 'billing', CODEX_IDLE, 1),
    ],
  },
  {
    id: 'borg',
    about: 'a disk nearly full, and an agent waiting for approval',
    cores: 8, busyPct: 12, load: [0.8, 0.9, 1.1], memGb: 32, memUsedPct: 63, diskGb: 460, diskUsedPct: 95,
    agents: [agent(5210, 'claude', 'shop', '✳ Migrate the orders table', APPROVAL, 2)],
  },
  {
    id: 'cygnus',
    about: 'more work than cores, and little memory left',
    cores: 4, busyPct: 97, load: [13.4, 11.8, 9.2], memGb: 16, memUsedPct: 94, diskGb: 230, diskUsedPct: 72,
    agents: [
      agent(6101, 'claude', 'compiler', '⠂ Port the parser', WORKING, 88),
      agent(6190, 'claude', 'compiler', '⠂ Write fuzz tests', WORKING, 91),
      agent(6275, 'codex', 'compiler', 'compiler', CODEX_IDLE, 3),
    ],
  },
  {
    id: 'eris',
    about: 'a bare machine without agents',
    cores: 2, busyPct: 3, load: [0.02, 0.05, 0.01], memGb: 4, memUsedPct: 22, diskGb: 60, diskUsedPct: 18,
    agents: [],
  },
] // biome-ignore format: a table of machines
