import { spawn } from 'node:child_process'
import type { Executor, RunRequest, RunResult } from '../../src/core/executor.ts'

export interface ShOptions {
  readonly shell?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** The smallest real machine: `sh -s` with the script on stdin, caps and deadline kept. Counts its execs. */
export function shMachine({ shell = ['sh', '-s'], env }: ShOptions = {}): Executor & { readonly scripts: string[] } {
  const scripts: string[] = []
  const run = (request: RunRequest): Promise<RunResult> => {
    scripts.push(request.script)
    return runShell(shell, request, env)
  }
  const stream = (): never => {
    throw new Error('the test machine does not stream')
  }
  return { kind: 'local', scripts, run, stream, close: async () => {} }
}

function runShell(shell: readonly string[], request: RunRequest, env?: Readonly<Record<string, string>>) {
  return new Promise<RunResult>((resolve) => {
    const started = performance.now()
    const child = spawn(shell[0] ?? 'sh', shell.slice(1), { detached: true, ...(env ? { env } : {}) })
    const [out, err]: Buffer[][] = [[], []]
    let ending: 'timeout' | 'output_limit' | 'aborted' | null = null
    const end = (why: 'timeout' | 'output_limit' | 'aborted') => {
      ending ??= why
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      child.stdout.destroy()
      child.stderr.destroy()
    }
    const keep = (into: Buffer[] | undefined, max: number) => (chunk: Buffer) => {
      into?.push(chunk)
      if (sizeOf(into) > max && ending === null) end('output_limit')
    }
    request.soFar?.(() => ({ stdout: Buffer.concat(out ?? []), stderr: Buffer.concat(err ?? []) }))
    child.stdout.on('data', keep(out, request.maxStdout))
    child.stderr.on('data', keep(err, request.maxStderr))
    const timer = setTimeout(() => end('timeout'), request.deadlineMs)
    request.signal?.addEventListener('abort', () => end('aborted'))
    child.stdin.on('error', () => {})
    child.stdin.end(request.script)
    // A child left behind may hold the outputs open; what it says later is nobody's answer.
    child.on('exit', () => setTimeout(() => [child.stdout, child.stderr].map((pipe) => pipe.destroy()), 3000).unref())
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      const stdout = Buffer.concat(out ?? []).subarray(0, request.maxStdout)
      const outcome = code === 0 ? 'ok' : code === null ? 'signal' : 'exit'
      resolve({
        class: ending ?? outcome,
        exitCode: code,
        signal,
        stdout,
        stderr: Buffer.concat(err ?? []).subarray(0, request.maxStderr),
        partial: ending !== null,
        timings: { queueMs: 0, connectMs: 0, execMs: performance.now() - started },
        reusedConnection: false,
        detail: null,
      })
    })
  })
}

const sizeOf = (chunks: readonly Buffer[] | undefined): number =>
  (chunks ?? []).reduce((sum, chunk) => sum + chunk.length, 0)
