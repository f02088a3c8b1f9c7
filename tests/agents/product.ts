import { execFile, fork } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..', '..')

type Params = Readonly<Record<string, string>>

/** The product as a test sees it: a look at the machine, and questions. */
export interface Product {
  collect(): Promise<void>
  ask<T>(topic: string, params?: Params): Promise<T>
  /** Gives the store back; then only commands of their own process may look. */
  close(): Promise<void>
}

/** Runs `vc …` in these surroundings; its stdout. Rejects when it fails. */
export const vcCommand = (env: NodeJS.ProcessEnv, cwd: string) => async (...args: readonly string[]): Promise<string> => {
  const options = { env, cwd, maxBuffer: 64 * 1024 * 1024 }
  return (await run(process.execPath, [join(ROOT, 'bin', 'vc.js'), ...args], options)).stdout
}

/** Every look and question as a command of its own. */
export const byCommands = (vc: ReturnType<typeof vcCommand>): Product => ({
  collect: async () => {
    await vc('collect', '--json')
  },
  ask: async <T>(topic: string, params: Params = {}) => {
    const words = Object.entries(params).flatMap(([name, value]) => (value === 'true' ? [`--${name}`] : [`--${name}`, value]))
    return (JSON.parse(await vc('robot', topic, ...words, '--json')) as { data: T }).data
  },
  close: async () => undefined,
})

interface Told {
  readonly n: number
  readonly data?: unknown
  readonly error?: string
}

/** The same looks by one kept process: no start-up per look. */
export async function keptProduct(env: NodeJS.ProcessEnv, cwd: string): Promise<Product> {
  const child = fork(join(import.meta.dirname, 'looker.ts'), [], { env, cwd, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const waiting = new Map<number, { done: (data: unknown) => void; failed: (error: Error) => void }>()
  let asked = 0
  const ended = new Promise<void>((done) => child.on('exit', () => done()))
  child.on('exit', (code) => {
    for (const { failed } of waiting.values()) failed(new Error(`the product ended with ${code}`))
  })
  child.on('message', (told: Told) => {
    const entry = waiting.get(told.n)
    waiting.delete(told.n)
    if (told.error === undefined) entry?.done(told.data)
    else entry?.failed(new Error(told.error))
  })
  const wait = (n: number): Promise<unknown> => new Promise((done, failed) => waiting.set(n, { done, failed }))
  const order = (topic: string, params: Params): Promise<unknown> => {
    const n = ++asked
    const answered = wait(n)
    child.send({ n, topic, params })
    return answered
  }
  await wait(0)
  return {
    collect: async () => {
      await order('collect', {})
    },
    ask: async <T>(topic: string, params: Params = {}) => (await order(topic, params)) as T,
    close: async () => {
      await order('stop', {}).catch(() => undefined)
      await ended
    },
  }
}
