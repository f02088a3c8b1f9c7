import { mkdirSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import type { Answer } from '../core/ask.ts'
import type { Executor, RunRequest, RunResult } from '../core/executor.ts'
import { askName, parseFrame, readFrame } from './frame.ts'
import { MANIFEST, type ReplayManifestInput } from './replay-manifest.ts'

export interface RecordOptions {
  readonly dir: string
  readonly about: string
  /** Takes names and secrets out of what is written; arguments pass through it too. */
  readonly scrub: (text: string) => string
}

type Recorded = NonNullable<ReplayManifestInput['answers']>[number]

export interface Recorder extends Executor {
  /** Writes the manifest; call it when the looking is done. `recorded`: when, by what, of which tool. */
  save(recorded?: ReplayManifestInput['recorded']): void
}

/** Any executor whose answers are also written down as a machine that can be played. */
export function recordFrame(executor: Executor, { dir, about, scrub }: RecordOptions): Recorder {
  const answers: Recorded[] = []
  const lastSaid = new Map<string, string>()
  mkdirSync(dir, { recursive: true })

  const write = (name: string, bytes: Uint8Array): string | undefined => {
    if (bytes.length === 0) return undefined
    // Latin-1 keeps every byte through the scrubbing of a text.
    writeFileSync(join(dir, name), Buffer.from(scrub(Buffer.from(bytes).toString('latin1')), 'latin1'))
    return name
  }
  const keep = (name: string, args: readonly string[], answer: Answer): void => {
    const key = JSON.stringify([name, args])
    const saying = JSON.stringify([Buffer.from(answer.stdout).toString('base64'), answer.exitCode, answer.fault])
    if (lastSaid.get(key) === saying) return
    lastSaid.set(key, saying)
    const file = `${name.replaceAll(/[^\w.-]/g, '_')}-${answers.length}`
    const [stdout, stderr] = [write(`${file}.out`, answer.stdout), write(`${file}.err`, answer.stderr)]
    answers.push({
      ask: name,
      args: args.map(scrub),
      ...(stdout === undefined ? {} : { stdout }),
      ...(stderr === undefined ? {} : { stderr }),
      ...endingOf(answer),
      durationMs: answer.durationMs,
    })
  }
  const note = (request: RunRequest, run: RunResult): RunResult => {
    const frame = readFrame(request.script)
    if (frame === null) return run
    const { slots } = parseFrame(frame.nonce, frame.asks, { ...run, execMs: run.timings.execMs })
    frame.asks.forEach((ask, i) => {
      const slot = slots[i]
      if (slot?.is === 'done') keep(askName(ask.script) ?? '(unnamed)', ask.args, slot.answer)
    })
    return run
  }
  return {
    kind: executor.kind,
    run: async (request) => note(request, await executor.run(request)),
    stream: (request) => executor.stream(request),
    close: () => executor.close(),
    save: (recorded) =>
      writeFileSync(join(dir, MANIFEST), `${JSON.stringify({ format: 1, about, recorded, answers }, null, 2)}\n`),
  }
}

function endingOf({ fault, exitCode, signal }: Answer): Partial<Recorded> {
  if (fault === 'timeout') return { hangs: true }
  const number = Object.entries(constants.signals).find(([name]) => name === signal)?.[1]
  return number === undefined ? { exitCode: exitCode ?? 0 } : { signal: number }
}
