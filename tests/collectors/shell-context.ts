import { spawn } from 'node:child_process'
import { type Answer, type ScriptAsk, wholeScript } from '../../src/core/ask.ts'
import type { CollectContext } from '../../src/core/collector.ts'
import type { Row } from '../../src/core/rows.ts'

/** One ask through a real `sh -s`, as the transport would carry it. */
export const runInShell = (ask: ScriptAsk, env: NodeJS.ProcessEnv = process.env, shell = 'sh'): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const started = performance.now()
    const child = spawn(shell, ['-s', '--', ...(ask.args ?? [])], { env })
    const [out, err]: [Buffer[], Buffer[]] = [[], []]
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', reject)
    child.on('close', (exitCode, signal) => {
      const stdout = new Uint8Array(Buffer.concat(out))
      const stderr = new Uint8Array(Buffer.concat(err))
      const durationMs = performance.now() - started
      resolve({ fault: null, detail: null, exitCode, signal, stdout, stderr, truncated: false, durationMs })
    })
    child.stdin.end(wholeScript(ask))
  })

/** An answer as if the script had printed that. */
export const answered = (stdout: string | Uint8Array, over: Partial<Answer> = {}): Answer => ({
  fault: null,
  detail: null,
  exitCode: 0,
  signal: null,
  stdout: typeof stdout === 'string' ? new Uint8Array(Buffer.from(stdout)) : stdout,
  stderr: new Uint8Array(),
  truncated: false,
  durationMs: 1,
  ...over,
})

export interface ContextOptions {
  readonly run: (ask: ScriptAsk) => Promise<Answer> | Answer
  readonly startedAt?: Date
  readonly cursors?: ReadonlyMap<string, unknown>
  readonly known?: Readonly<Record<string, readonly Row[]>>
  readonly warnings?: string[]
}

const unused = (): never => {
  throw new Error('this collector was not expected to ask that')
}

/** A context that answers scripts only; any other question is a failure of the test. */
export const contextWith = (options: ContextOptions): CollectContext => ({
  machine: { id: 'atlas', local: true, os: null, tools: null },
  startedAt: options.startedAt ?? new Date('2026-11-20T12:00:00Z'),
  cursors: options.cursors ?? new Map(),
  options: {},
  run: async (ask) => options.run(ask),
  known: async (table) => options.known?.[table] ?? [],
  stat: unused,
  readRange: unused,
  sqlite: unused,
  work: unused,
  mysql: unused,
  progress: unused,
  warn: (code) => void options.warnings?.push(code),
})
