import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Cli } from './clis.ts'
import type { Lab } from './lab.ts'

export interface EngineJob {
  readonly cli: Cli
  readonly rounds: number
  readonly socket: string
  readonly cwd: string
  readonly port: number
  readonly env: Readonly<Record<string, string>>
}

/** One round: spawn, ready, prompt, approval, interrupt, kill, resume, quit. */
export interface EngineRound {
  readonly n: number
  readonly cli: Cli
  readonly ms: number
  readonly steps: readonly string[]
  /** Keystrokes and texts that should not have been, seen by their effect. */
  readonly wrong: readonly string[]
  readonly falseSubmitted: number
  readonly presses: readonly string[]
  /** Why the round was not gone through to its end; null: it was. */
  readonly trouble: { readonly message: string; readonly screen: string } | null
}

/** Runs the rounds of one CLI in a child whose HOME is the lab's, as the CLI's and vc's own is on a real machine. */
export async function runEngine(lab: Lab, rounds: number, each: (round: EngineRound) => void): Promise<readonly EngineRound[]> {
  const job: EngineJob = {
    cli: lab.cli,
    rounds,
    socket: join(lab.root, 'engine', 'tmux.sock'),
    cwd: lab.work,
    port: lab.port,
    env: { TERM: 'tmux-256color', ...lab.env, PATH: lab.path },
  }
  const child = spawn(process.execPath, [join(import.meta.dirname, 'engine-run.ts'), JSON.stringify(job)], {
    env: { PATH: lab.path, HOME: lab.home, LANG: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const all: EngineRound[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const round = JSON.parse(line) as EngineRound
    all.push(round)
    each(round)
  }
  spawn('tmux', ['-S', job.socket, 'kill-server'], { stdio: 'ignore' })
  return all
}

/** One line per CLI: rounds gone through, wrong keystrokes, false `submitted`. */
export function engineTable(stage: string, rounds: readonly EngineRound[]): string {
  const clis = [...new Set(rounds.map((round) => round.cli))]
  return clis
    .map((cli) => {
      const own = rounds.filter((round) => round.cli === cli)
      const whole = own.filter((round) => round.trouble === null).length
      const wrong = own.reduce((sum, round) => sum + round.wrong.length, 0)
      const lies = own.reduce((sum, round) => sum + round.falseSubmitted, 0)
      return `${stage} ${cli}: ${whole} of ${own.length} rounds whole, ${wrong} wrong keystrokes, ${lies} false submitted`
    })
    .join('\n')
}
