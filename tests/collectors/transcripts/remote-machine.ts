import { spawn } from 'node:child_process'
import { type Answer, type ScriptAsk, wholeScript } from '../../../src/core/ask.ts'
import type { CollectContext, Collector, CollectResult } from '../../../src/core/collector.ts'
import type { Warning } from '../../../src/core/rows.ts'

/** Runs an ask as the transport does on the far side: `sh -s` with the arguments as "$1", "$2", …, a home of its own. */
export const runScript = (ask: ScriptAsk, env: Readonly<Record<string, string>>, uid?: number): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const started = performance.now()
    const child = spawn('sh', ['-s', '--', ...(ask.args ?? [])], {
      env: { PATH: process.env.PATH ?? '', ...env },
      ...(uid === undefined ? {} : { uid }),
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', reject)
    child.on('close', (exitCode, signal) => {
      const all = Buffer.concat(out)
      const cap = ask.maxBytes ?? 1024 * 1024
      const truncated = all.length > cap
      resolve({
        fault: truncated ? 'truncated' : null,
        detail: null,
        exitCode,
        signal,
        stdout: all.subarray(0, cap),
        stderr: Buffer.concat(err),
        truncated,
        durationMs: performance.now() - started,
      })
    })
    child.stdin.end(wholeScript(ask))
  })

/** A machine reached by scripts only: real sh, find, awk, gzip on real files; remembers what came over the wire. */
export const createRemoteMachine = (env: Readonly<Record<string, string>>, uid?: number) => {
  const cursors = new Map<string, unknown>()
  const warnings: Warning[] = []
  const answers: Answer[] = []
  const asked: ScriptAsk[] = []
  const progress: [number, number][] = []
  const refuse = async (): Promise<never> => {
    throw new Error('a remote transcript collector only runs scripts')
  }
  let now = Date.now()
  const collect = async (collector: Collector, options: Record<string, unknown> = {}): Promise<CollectResult> => {
    const ctx: CollectContext = {
      machine: { id: 'borg', local: false, os: 'Linux', tools: null },
      startedAt: new Date(now),
      cursors: new Map(cursors),
      options,
      known: async () => [],
      work: refuse,
      progress: (done, total) => progress.push([done, total]),
      warn: (code, message, fix) => warnings.push({ code, message, fix }),
      run: async (ask) => {
        asked.push(ask)
        const answer = await runScript(ask, env, uid)
        answers.push(answer)
        return answer
      },
      stat: refuse,
      readRange: refuse,
      sqlite: refuse,
      mysql: refuse,
    }
    const result = await collector.collect(ctx)
    now += 30_000
    for (const { key, value } of result.cursors ?? []) {
      if (value === null) cursors.delete(key)
      else cursors.set(key, JSON.parse(JSON.stringify(value)))
    }
    return result
  }
  const wait = (ms: number): void => {
    now += ms
  }
  return { collect, cursors, warnings, answers, asked, progress, wait }
}
