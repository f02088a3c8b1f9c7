import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { calmed } from './calm.ts'
import type { Ran, Step } from './step.ts'

const ROOT = join(import.meta.dirname, '../..')
const VC = join(ROOT, 'bin/vc.js')
const SLOW_MS = 180_000

/** A home nobody used before, and the programs started in it. */
export interface Stage {
  play(step: Step): Promise<Ran>
  /** Starts two ssh machines on loopback, described by `fleet.toml` in the home. */
  openFleet(): void
  close(): Promise<void>
}

interface Background {
  readonly child: ChildProcess
  said: string
}

const exitOf = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null ? Promise.resolve(child.exitCode) : new Promise((resolve) => child.once('exit', resolve))

export function openStage(): Stage {
  const home = mkdtempSync(join(tmpdir(), 'vc-tour-'))
  mkdirSync(join(home, 'tmp'))
  // The working directory holds what the tour's commands name without a path.
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    TMPDIR: join(home, 'tmp'),
    TERM: 'dumb',
    NO_COLOR: '1',
    LANG: 'C.UTF-8',
    VC_NO_INSTALL: '1',
  }
  const fleet = join(home, 'fleet')
  const ports = 20_000 + (process.pid % 2_000) * 10
  let background: Background | null = null
  let agent = ''
  let fleetIsUp = false

  const calm = (text: string): string => calmed(text, { home, root: ROOT })
  const run = (argv: readonly string[]) =>
    spawnSync(process.execPath, [VC, ...argv], { encoding: 'utf8', cwd: home, env, timeout: SLOW_MS })

  const start = async (step: Step): Promise<Ran> => {
    const child = spawn(process.execPath, [join(ROOT, 'scripts/start.mjs'), ...step.argv], {
      ...{ cwd: ROOT, env, detached: true },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const own: Background = { child, said: '' }
    background = own
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${step.show} did not get that far:\n${own.said}`)), SLOW_MS)
      const hear = (chunk: Buffer): void => {
        own.said += chunk.toString('utf8')
        if (!own.said.includes('Ctrl-C stops it.')) return
        clearTimeout(timer)
        resolve()
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      child.on('exit', () => reject(new Error(`${step.show} ended:\n${own.said}`)))
    })
    const output = own.said
    own.said = ''
    const demo = /--config (\S+vc\.toml)\)/.exec(output)?.[1]
    if (demo !== undefined) await settleDemo(demo)
    return { step, exit: 0, output: calm(output) }
  }

  const answer = (topic: string) => JSON.parse(run(['--config', 'demo.toml', 'robot', topic, '--json']).stdout).data

  // Rates and lost machines need two looks: the picture worth showing is the one after the second.
  const isSettled = (): boolean => {
    const table = run(['--config', 'demo.toml', 'status']).stdout
    const rated = table.match(/^\w+ +online +\w+ +\d+%/gm) ?? []
    const spending = table.match(/^\w+ +online .*\$\d/gm) ?? []
    const told = ['beads:', 'accounts:', 'vc account recommend'].every((words) => table.includes(words))
    return rated.length === 4 && spending.length === 3 && told && answer('triage').recommendations.length >= 8
  }

  const settleDemo = async (config: string): Promise<void> => {
    copyFileSync(config, join(home, 'demo.toml'))
    for (const endMs = Date.now() + SLOW_MS; !isSettled(); ) {
      if (Date.now() > endMs)
        throw new Error(`the demo never showed its whole fleet:\n${run(['--config', 'demo.toml', 'status']).stdout}`)
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    const waiting = answer('agents').agents.find((one: { state: string }) => one.state === 'needs_approval')
    agent = String(waiting?.agent ?? waiting?.agent_id ?? waiting?.id ?? 'borg')
  }

  const stop = async (step: Step): Promise<Ran> => {
    if (background === null) throw new Error('nothing runs that could be stopped')
    const { child } = background
    const ended = exitOf(child)
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT')
    const exit = await ended
    const { said } = background
    background = null
    return { step, exit, output: calm(said) }
  }

  const edit = (step: Step): Ran => {
    const file = join(home, '.config/vc/vc.toml')
    if (step.argv[0] === '(append)') appendFileSync(file, step.argv[1] ?? '')
    else writeFileSync(file, readFileSync(file, 'utf8').replace(/^\[poling\][\s\S]*/m, ''))
    return { step, exit: 0, output: '' }
  }

  const play = async (step: Step): Promise<Ran> => {
    if (step.background === 'start') return start(step)
    if (step.background === 'stop') return stop(step)
    if (step.argv[0]?.startsWith('(')) return edit(step)
    const ran = run(step.argv.map((arg) => arg.replace('{agent}', agent)))
    const shown = { ...step, show: step.show.replace('{agent}', agent) }
    return { step: shown, exit: ran.status, output: calm(ran.stdout + ran.stderr) }
  }

  const fleetScript = (...argv: readonly string[]): string => {
    const ran = spawnSync('bash', [join(ROOT, 'tests/fleet/sshd-fleet.sh'), ...argv, '-d', fleet], {
      encoding: 'utf8',
      env,
    })
    if (ran.status !== 0) throw new Error(`the test fleet did not start:\n${ran.stdout}${ran.stderr}`)
    return ran.stdout
  }

  return {
    async play(step) {
      const from = performance.now()
      const ran = await play(step)
      if (process.env.VC_DEBUG === '1')
        process.stderr.write(`${Math.round(performance.now() - from)} ms  ${step.show}\n`)
      return ran
    },
    openFleet() {
      fleetScript('up', '-n', '1', '-p', String(ports), '--special', 'unknownkey')
      fleetIsUp = true
      writeFileSync(join(home, 'fleet.toml'), fleetScript('toml'), { mode: 0o600 })
    },
    async close() {
      const pid = background?.child.pid
      if (pid !== undefined) process.kill(-pid, 'SIGKILL')
      if (fleetIsUp) fleetScript('down')
      rmSync(home, { recursive: true, force: true })
    },
  }
}
