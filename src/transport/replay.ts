import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Executor, RunRequest, RunResult } from '../core/executor.ts'
import { sha256 } from '../core/ids.ts'
import { askName, type ReadFrame, readFrame } from './frame.ts'
import { eachText } from './replay-each.ts'
import { playFileAsk } from './replay-files.ts'
import { type PlayedAsk, writeFrame } from './replay-frame.ts'
import { MANIFEST, type RecordedAnswer, type ReplayManifest, readManifest } from './replay-manifest.ts'
import { setArgs, setClock } from './replay-template.ts'

export interface ReplayOptions {
  /** Folder of one machine: manifest.json, recorded outputs, and files/ as its disk. */
  readonly dir: string
  readonly now?: () => number
}

export interface ReplayExecutor extends Executor {
  /** Asks nobody recorded, as sentences; a test wants none. */
  readonly complaints: readonly string[]
  /** Recorded answers that were never asked for. */
  unused(): readonly string[]
}

type ReadAsk = ReadFrame['asks'][number]
const NOTHING = new Uint8Array(0)

/**
 * Plays recorded answers as a machine. It complains about surprises: an ask without a recording ends with 127.
 * @throws VcError bad_recording when the folder does not hold a sound recording.
 */
export function openReplay({ dir, now = Date.now }: ReplayOptions): ReplayExecutor {
  const manifest = readManifest(dir)
  const openedMs = now()
  const complaints: string[] = []
  const used = new Set<RecordedAnswer>()
  const turns = new Map<string, number>()
  let scratch: string | null = null
  const scratchDir = (): string => {
    scratch ??= mkdtempSync(join(tmpdir(), 'vc-replay-'))
    return scratch
  }
  const tree = { root: join(dir, 'files'), scratch: scratchDir, facts: manifest.files, openedMs }
  const hasFiles = existsSync(tree.root)

  const play = (ask: ReadAsk): PlayedAsk => {
    const name = askName(ask.script) ?? '(unnamed)'
    const candidates = manifest.answers.filter((recorded) => matches(recorded, name, ask))
    const clock = { nowMs: now(), openedMs }
    const recorded = pick(candidates, manifest, (clock.nowMs - openedMs) / 1000, () => nextTurn(turns, name, ask.args))
    if (recorded !== null) {
      used.add(recorded)
      return playRecorded(dir, recorded, ask, (text) => setClock(setArgs(text, ask.args), clock))
    }
    const played = hasFiles ? playFileAsk(tree, name, ask.args) : null
    if (played !== null) return { stdout: played.stdout, stderr: NOTHING, status: played.exitCode, tookS: 0.01 }
    const complaint = `${basename(dir)} has no recording of ${name} with arguments ${JSON.stringify(ask.args)}`
    complaints.push(complaint)
    return { stdout: NOTHING, stderr: Buffer.from(`vc replay: ${complaint}\n`), status: 127, tookS: 0 }
  }

  return {
    kind: 'replay',
    complaints,
    unused: () => manifest.answers.filter((one) => !used.has(one)).map((one) => one.ask),
    run: async (request) => playRun(request, manifest, play),
    stream(request) {
      const done = Promise.resolve(playRun(request, manifest, play))
      return { done, stdout: onceOf(done) }
    },
    close: async () => {
      if (scratch !== null) rmSync(scratch, { recursive: true, force: true })
      scratch = null
    },
  }
}

async function* onceOf(done: Promise<RunResult>): AsyncIterable<Uint8Array> {
  yield (await done).stdout
}

const matches = (recorded: RecordedAnswer, name: string, ask: ReadAsk): boolean =>
  recorded.ask === name &&
  (recorded.args === undefined || JSON.stringify(recorded.args) === JSON.stringify(ask.args)) &&
  Object.entries(recorded.argAt ?? {}).every(([at, arg]) => ask.args[Number(at)] === arg) &&
  (recorded.scriptSha256 === undefined || recorded.scriptSha256 === sha256(ask.script))

const nextTurn = (turns: Map<string, number>, name: string, args: readonly string[]): number => {
  const key = JSON.stringify([name, args])
  const turn = turns.get(key) ?? 0
  turns.set(key, turn + 1)
  return turn
}

/** By the clock where recordings have times; else in turn, the last one staying. */
function pick(
  candidates: readonly RecordedAnswer[],
  { loopS }: ReplayManifest,
  elapsedS: number,
  turn: () => number,
): RecordedAnswer | null {
  const timed = candidates.filter(({ atS }) => atS !== undefined)
  if (timed.length === 0) return candidates[Math.min(turn(), candidates.length - 1)] ?? null
  const at = loopS === undefined ? elapsedS : elapsedS % loopS
  const begun = timed.filter(({ atS = 0 }) => atS <= at).toSorted((a, b) => (a.atS ?? 0) - (b.atS ?? 0))
  return begun.at(-1) ?? timed[0] ?? null
}

function playRecorded(
  dir: string,
  recorded: RecordedAnswer,
  ask: ReadAsk,
  template: (text: string) => string,
): PlayedAsk {
  const read = (name: string | undefined): Uint8Array => (name === undefined ? NOTHING : readFileSync(join(dir, name)))
  const raw = recorded.each ? Buffer.from(eachText(recorded.each, ask.args)) : read(recorded.stdout)
  const stdout = recorded.template ? Buffer.from(template(Buffer.from(raw).toString('utf8'))) : raw
  const status = recorded.hangs ? 124 : recorded.signal === undefined ? recorded.exitCode : 128 + recorded.signal
  const tookS = recorded.hangs ? Math.ceil(ask.timeoutMs / 1000) : recorded.durationMs / 1000
  return { stdout, stderr: read(recorded.stderr), status, tookS }
}

function playRun(request: RunRequest, manifest: ReplayManifest, play: (ask: ReadAsk) => PlayedAsk): RunResult {
  const base = { exitCode: null, signal: null, stderr: NOTHING, stdout: NOTHING, partial: false, detail: null }
  const timings = { queueMs: 0, connectMs: 0, execMs: 0 }
  if (request.signal?.aborted) return { ...base, class: 'aborted', timings, reusedConnection: false }
  if (manifest.trouble) return { ...base, ...manifest.trouble, timings, reusedConnection: false }
  const frame = readFrame(request.script)
  const played = frame === null ? playBare(request, play) : { ...writeFrame(frame, frame.asks.map(play)), exitCode: 0 }
  const { stdout, stderr, execMs, exitCode } = played
  const cut = stdout.length > request.maxStdout
  return {
    ...base,
    class: cut ? 'output_limit' : exitCode === 0 ? 'ok' : 'exit',
    exitCode: cut ? null : exitCode,
    stdout: stdout.subarray(0, request.maxStdout),
    stderr: stderr.subarray(0, request.maxStderr),
    partial: cut,
    timings: { ...timings, execMs },
    reusedConnection: true,
  }
}

/** A script that came by itself, outside any frame. */
function playBare({ script, deadlineMs }: RunRequest, play: (ask: ReadAsk) => PlayedAsk) {
  const { stdout, stderr, status, tookS } = play({ script, args: [], timeoutMs: deadlineMs })
  return { stdout, stderr, execMs: tookS * 1000, exitCode: status }
}

/** The machines of a recorded fleet: every folder with a manifest, by name. */
export const replayMachines = (fleetDir: string): readonly { readonly id: string; readonly dir: string }[] =>
  readdirSync(fleetDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(fleetDir, entry.name, MANIFEST)))
    .map(({ name }) => ({ id: name, dir: join(fleetDir, name) }))
    .toSorted((a, b) => a.id.localeCompare(b.id))
