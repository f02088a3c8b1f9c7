import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const BIN = join(import.meta.dirname, '../../bin/vc.js')

export interface Said {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
}

/** A person with a HOME of their own, typing vc. */
export const newUser = () => {
  const home = mkdtempSync(join(tmpdir(), 'vc-user-'))
  const tmp = join(home, 'tmp')
  mkdirSync(tmp)
  const env = {
    HOME: home,
    PATH: process.env.PATH ?? '',
    NO_COLOR: '1',
    LANG: 'C.UTF-8',
    TMPDIR: tmp,
    TMUX_TMPDIR: home,
    VC_PING_MS: '4000',
  }
  const running = new Set<ChildProcess>()
  return {
    home,
    env,
    /** Types one command and waits for it. */
    vc: (...args: string[]): Promise<Said> =>
      new Promise((resolve) => {
        const from = performance.now()
        execFile(
          process.execPath,
          [BIN, ...args],
          { env, cwd: home, maxBuffer: 64 * 1_048_576 },
          (error, stdout, stderr) => {
            const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null
            resolve({ code, stdout, stderr, ms: performance.now() - from })
          },
        )
      }),
    /** Starts one that stays. */
    start(...args: string[]) {
      const child = spawn(process.execPath, [BIN, ...args], { env, cwd: home, stdio: ['ignore', 'pipe', 'pipe'] })
      running.add(child)
      let text = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
      const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
      void ended.then(() => running.delete(child))
      return {
        child,
        ended,
        said: () => text,
        until: (pattern: RegExp) =>
          until(
            () => pattern.test(text),
            () => `${pattern} in: ${text}`,
          ),
      }
    },
    async leave() {
      for (const child of running) child.kill('SIGKILL')
      await until(
        () => running.size === 0,
        () => 'a process of the test to end',
      )
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** Waits for a condition, generously; fails with what it waited for. */
export const until = async (
  test: () => boolean | Promise<boolean>,
  what: () => string,
  limitMs = 90_000,
): Promise<void> => {
  const end = Date.now() + limitMs
  while (!(await test())) {
    if (Date.now() > end) throw new Error(`waited ${limitMs} ms for ${what()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
