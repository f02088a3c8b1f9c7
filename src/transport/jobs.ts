import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { constants, setPriority } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { ChildEnd, ChildJob, ChildReport, JobRunner, RunningChild } from '../core/job-runner.ts'
import { residentBytes } from './jobs-memory.ts'
import { countProcess, pipesOf } from './local-process.ts'

const LOOK_EVERY_MS = 50
const STDERR_KEPT = 4_096
// The rows pass through V8 one chunk at a time; the database's own memory lies outside its heap.
const NODE_ARGS = ['--no-warnings', '--max-old-space-size=512']
/** All the environment a child gets: without TZ the library would read the machine's zone. */
const ENV = { TZ: 'UTC' }

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** Children as processes of this Node, each in a group of its own, so that Ctrl-C reaches us and not them. */
export const openJobRunner = (): JobRunner => ({ start: startChild })

const startChild = (job: ChildJob): RunningChild => {
  const startedAt = performance.now()
  const child: Child = spawn(process.execPath, [...NODE_ARGS, fileURLToPath(job.entry)], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: ENV,
    cwd: '/',
  })
  countProcess()
  let killed: ChildEnd | null = null
  const kill = (why: ChildEnd): void => {
    killed ??= why
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  }
  const over = endOf(child)
  const peak = watch(child, job, kill, over)
  const pipes = pipesOf(child)
  const stderr = tailOf(pipes.stderr)
  // It may be gone before it read its task: how it ended says so.
  pipes.stdin.on('error', () => undefined)
  pipes.stdin.write(`${JSON.stringify(job.input)}\n`)
  const report = async (): Promise<ChildReport> => {
    const end = await over
    pipes.stdin.destroy()
    return {
      end: killed ?? end,
      durationMs: Math.round(performance.now() - startedAt),
      peakRssBytes: peak(),
      stderr: stderr(),
    }
  }
  return {
    lines: linesOf(pipes.stdout, job.maxOutputBytes, kill),
    ended: report(),
    stop: () => kill({ is: 'stopped' }),
  }
}

const endOf = (child: Child): Promise<ChildEnd> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve({ is: 'lost', detail: error.message }))
    child.once('exit', (code, signal) =>
      resolve(signal === null ? { is: 'exit', code: code ?? 0 } : { is: 'signal', signal }),
    )
  })

/** Clock, memory and priority. Where memory cannot be seen at all, the clock still ends it. */
const watch = (child: Child, job: ChildJob, kill: (why: ChildEnd) => void, over: Promise<unknown>): (() => number) => {
  let peak = 0
  let looking = false
  const { pid } = child
  if (pid === undefined) return () => peak
  standBack(pid)
  const clock = setTimeout(() => kill({ is: 'timeout', wallMs: job.wallMs }), job.wallMs)
  const look = async (): Promise<void> => {
    if (looking) return
    looking = true
    const rssBytes = await residentBytes(pid)
    looking = false
    if (rssBytes === null) return
    peak = Math.max(peak, rssBytes)
    if (rssBytes > job.maxRssBytes) kill({ is: 'memory', rssBytes, maxRssBytes: job.maxRssBytes })
  }
  const watchdog = setInterval(() => void look(), LOOK_EVERY_MS)
  void over.then(() => {
    clearTimeout(clock)
    clearInterval(watchdog)
  })
  return () => peak
}

/** Lowest priority, and the first to go when the machine itself runs out of memory. Neither is a must. */
const standBack = (pid: number): void => {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW)
  } catch {
    // gone already, or not allowed here
  }
  void writeFile(`/proc/${pid}/oom_score_adj`, '1000').catch(() => undefined)
}

const tailOf = (stream: Readable): (() => string) => {
  let tail = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    tail = (tail + chunk).slice(-STDERR_KEPT)
  })
  return () => tail.trim()
}

async function* linesOf(stream: Readable, maxBytes: number, kill: (why: ChildEnd) => void): AsyncIterable<string> {
  let parts: string[] = []
  let bytes = 0
  const decoder = new TextDecoder()
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) {
      kill({ is: 'output', maxOutputBytes: maxBytes })
      return
    }
    const [first = '', ...rest] = decoder.decode(chunk, { stream: true }).split('\n')
    parts.push(first)
    for (const next of rest) {
      yield parts.join('')
      parts = [next]
    }
  }
}
