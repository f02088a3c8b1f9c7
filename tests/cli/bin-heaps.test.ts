import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const BIN = join(import.meta.dirname, '../../bin/vc.js')

// A program in vc's place: tells what it was started with and what its children get, then waits to be ended.
const PROGRAM = `
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
export const main = async (argv: string[]) => {
  const child = execFileSync('env', { encoding: 'utf8' })
  const began = readFileSync('/proc/self/environ', 'utf8')
  const heaps = (text: string) => /MALLOC_ARENA_MAX=(\\d+)/.exec(text)?.[1] ?? null
  const leaks = /(MALLOC_|DUCKDB_|VC_SHARED_HEAPS).*/.exec(child)?.[0] ?? null
  const trim = /MALLOC_TRIM_THRESHOLD_=(\\d+)/.exec(began)?.[1] ?? null
  return new Promise<number>((done) => {
    const alive = setInterval(() => {}, 1000)
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.on(signal, () => { clearInterval(alive); console.log(signal); done(7) })
    console.log(JSON.stringify({ pid: process.pid, argv, execArgv: process.execArgv, heaps: heaps(began), trim, leaks,
      database: globalThis.databaseHeap ?? null }))
  })
}`

// The library of the database in its place: tells by which word its allocator is set when it is loaded.
const LIBRARY = 'globalThis.databaseHeap = process.env.DUCKDB_JE_MALLOC_CONF'
const GIVES_BACK = 'dirty_decay_ms:0,muzzy_decay_ms:0,cache_oblivious:false,tcache_max:65536'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vc-heaps-'))
  mkdirSync(join(dir, 'src'))
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}')
  writeFileSync(join(dir, 'src/main.ts'), PROGRAM)
  const library = join(dir, 'node_modules/@duckdb/node-bindings')
  mkdirSync(library, { recursive: true })
  writeFileSync(join(library, 'index.js'), LIBRARY)
  cpSync(dirname(BIN), join(dir, 'bin'), { recursive: true })
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const begin = async (argv: readonly string[], more: Record<string, string> = {}, node: readonly string[] = []) => {
  const { MALLOC_ARENA_MAX: _heaps, MALLOC_TRIM_THRESHOLD_: _trim, ...env } = process.env
  const child = spawn(process.execPath, [...node, join(dir, 'bin/vc.js'), ...argv], {
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const ended = new Promise<number | null>((done) => child.once('exit', done))
  const told = await new Promise<Record<string, unknown>>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
      if (out.includes('\n')) resolve(JSON.parse(out.slice(0, out.indexOf('\n'))))
    })
    child.once('exit', () => reject(new Error(`it ended: ${err}`)))
  })
  return {
    pid: child.pid,
    told,
    async end(signal: NodeJS.Signals) {
      child.kill(signal)
      return { code: await ended, out: out.trim().split('\n').at(-1), err }
    },
  }
}

const ARGV = ['daemon', '--config', 'a folder/ops.toml', '--no-color']

describe.skipIf(process.platform !== 'linux')('a daemon lives with two heaps', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'in the process that was started, with its words, and %s reaches it',
    async (signal) => {
      const daemon = await begin(ARGV, {}, ['--no-deprecation'])
      expect(daemon.told).toEqual({
        pid: daemon.pid,
        argv: ARGV,
        execArgv: ['--no-deprecation', '--max-semi-space-size=4', '--single-threaded', '--expose-gc'],
        heaps: '2',
        trim: '262144',
        leaks: null,
        database: GIVES_BACK,
      })
      expect(await daemon.end(signal)).toEqual({ code: 7, out: signal, err: '' })
    },
  )

  test.each([
    ['MALLOC_ARENA_MAX', { heaps: '5', trim: null }],
    ['MALLOC_TRIM_THRESHOLD_', { heaps: null, trim: '5' }],
  ] as const)('what a person set (%s) stays as it is, for the programs vc starts too', async (word, began) => {
    const daemon = await begin(ARGV, { [word]: '5' })
    expect(daemon.told).toMatchObject({ ...began, execArgv: [], leaks: `${word}=5` })
    await daemon.end('SIGTERM')
  })

  test('a word for the database that a person set stays as it is', async () => {
    const daemon = await begin(ARGV, { DUCKDB_JE_MALLOC_CONF: 'narenas:1' })
    expect(daemon.told).toMatchObject({ heaps: '2', leaks: 'DUCKDB_JE_MALLOC_CONF=narenas:1' })
    await daemon.end('SIGTERM')
  })

  test('without the library it is the program that says so', async () => {
    rmSync(join(dir, 'node_modules'), { recursive: true })
    const daemon = await begin(ARGV)
    expect(daemon.told).toMatchObject({ heaps: '2', leaks: null, database: null })
    expect(await daemon.end('SIGTERM')).toMatchObject({ code: 7, err: '' })
  })

  test('a Node that cannot start itself again runs as it is', async () => {
    const without = `data:text/javascript,${encodeURIComponent('delete process.execve')}`
    const daemon = await begin(ARGV, {}, ['--import', without])
    expect(daemon.told).toMatchObject({ pid: daemon.pid, argv: ARGV, heaps: null, leaks: null, database: GIVES_BACK })
    expect(await daemon.end('SIGTERM')).toMatchObject({ code: 7, err: '' })
  })

  test.each([['status'], ['daemon', 'status']])('%s %s is over soon and stays with what it has', async (...argv) => {
    const command = await begin(argv.filter((word) => word !== undefined))
    expect(command.told).toMatchObject({ heaps: null, database: null })
    await command.end('SIGTERM')
  })
})
