// The cockpit in this process, on a terminal in memory, over recorded answers made as large as a big fleet.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { AskRequest, Reply } from '../../src/core/carrier.ts'
import { runTui } from '../../src/tui/app.ts'
import { loadScreens } from '../../src/tui/screens/index.ts'

const DIR = join(import.meta.dirname, '../../tests/fixtures/tui')

type Rows = Readonly<Record<string, unknown>>[]

const recorded = (screen: string, as: string): Record<string, unknown> =>
  (
    JSON.parse(readFileSync(join(DIR, `${screen}.json`), 'utf8')) as {
      answers: Record<string, { data: Record<string, unknown> }>
    }
  ).answers[as]?.data ?? {}

const many = (rows: Rows, count: number, id: string): Rows =>
  Array.from({ length: count }, (_, at) => ({
    ...rows[at % rows.length],
    [id]: `${String(rows[at % rows.length]?.[id])}-${at}`,
  }))

/** Answers by topic as text, so that reading them costs what it costs. `turn` changes what moves in a fleet. */
const answersOf = (machines: number, agents: number) => {
  const machineData = recorded('overview', 'machines')
  const agentData = recorded('agents', 'agents')
  const texts = new Map<string, string>()
  const put = (topic: string, data: object): void => void texts.set(topic, JSON.stringify(data))
  put('machines', { ...machineData, machines: many(machineData.machines as Rows, machines, 'id') })
  put('agents', { ...agentData, agents: many(agentData.agents as Rows, agents, 'agent') })
  const more = [
    ['overview', 'health', 'health'], ['overview', 'triage', 'triage'], ['overview', 'forecast', 'forecast'],
    ['overview', 'today', 'usage machine'], ['overview', 'hourly', 'usage hour'], ['agents', 'spent', 'usage agent'],
    ['agents', 'explain', 'explain'],
  ] as const // biome-ignore format: a table
  for (const [screen, as, topic] of more) put(topic, recorded(screen, as))
  put('events', { events: [], next: '2026-11-20T12:00:00Z', more: false })
  return ({ topic, params }: AskRequest): unknown =>
    JSON.parse(texts.get(params.by === undefined ? topic : `${topic} ${String(params.by)}`) ?? '{}')
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Opens it; `ticks` makes a refresh come that often. */
export const openTuiWorld = async (size: { columns: number; rows: number }, refreshMs: number) => {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined })
  const output = Object.assign(new PassThrough(), { isTTY: true, ...size })
  let bytes = 0
  let wrote: (() => void) | null = null
  let asked = 0
  output.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    wrote?.()
  })
  const answer = answersOf(100, 500)
  const ask = async (request: AskRequest): Promise<Reply> => {
    asked += 1
    return { topic: request.topic, version: 1, generatedAt: new Date().toISOString(), data: answer(request) }
  }
  const ended = runTui(
    {
      ask,
      run: async () => 0,
      refuses: () => null,
      commands: async () => ({ name: 'vc', about: '', options: [], children: [], values: null }),
      live: async () => ({ lines: [], note: null }),
      press: async () => null,
      attach: async () => undefined,
      kept: { load: () => ({}), save: () => undefined },
      moment: (text) => new Date(text),
      monotonicMs: () => performance.now(),
      now: () => new Date(),
    },
    {
      tty: { input, output, env: { TERM: 'xterm-256color', LANG: 'C.UTF-8' } },
      screens: await loadScreens(),
      refreshMs,
    },
  )
  await pause(3_000)
  return {
    bytes: (): number => bytes,
    asked: (): number => asked,
    /** Milliseconds from a key to the bytes that show it. */
    async press(key: string): Promise<number> {
      const from = performance.now()
      const shown = new Promise<void>((resolve) => {
        wrote = resolve
      })
      input.write(key)
      await Promise.race([shown, pause(2_000)])
      wrote = null
      return performance.now() - from
    },
    async close(): Promise<void> {
      input.write('q')
      await ended
    },
  }
}
