import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const BIN = join(import.meta.dirname, '../../bin/vc.js')

let home = ''
let run = ''
let server: Server | null = null
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-words-'))
  run = join(home, '.local/state/vc/run')
  mkdirSync(run, { recursive: true })
})
afterEach(async () => {
  server?.closeAllConnections()
  server?.close()
  server = null
  rmSync(home, { recursive: true, force: true })
})

const machines = (...ids: string[]) => ({ data: { machines: ids.map((id) => ({ id })) } })

const listen = (body: object | null): Promise<void> => {
  server = createServer((_, res) => {
    const text = JSON.stringify(body)
    if (body !== null) res.writeHead(200, { 'content-length': text.length }).end(text)
  })
  return new Promise((listening) => server?.listen(join(run, 'vc.sock'), listening))
}
const lastWords = (...ids: string[]): void =>
  writeFileSync(
    join(run, 'state.json'),
    JSON.stringify({ answers: [{ request: { topic: 'machines', params: {} }, reply: machines(...ids) }] }),
  )

const asked = (kind: string): Promise<{ out: string; err: string; code: number | null }> =>
  new Promise((done) => {
    const child = spawn(process.execPath, [BIN, '__words', kind], {
      env: { PATH: process.env.PATH ?? '', HOME: home, VC_PING_MS: '3000' },
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (text: Buffer) => (out += text))
    child.stderr.on('data', (text: Buffer) => (err += text))
    child.on('close', (code) => done({ out, err, code }))
  })

test('a daemon that answers tells its machines; what is no plain id is left out', async () => {
  await listen(machines('atlas', 'borg', '$(rm -rf)', 'two words'))
  lastWords('old')
  expect(await asked('machines')).toEqual({ out: 'atlas\nborg\n', err: '', code: 0 })
})

test('without a daemon, or with a silent one, its last words count', async () => {
  lastWords('cygnus')
  expect((await asked('machines')).out).toBe('cygnus\n')
  await listen(null)
  expect((await asked('machines')).out).toBe('cygnus\n')
})

test('who knows nothing says nothing', async () => {
  expect(await asked('machines')).toEqual({ out: '', err: '', code: 0 })
  writeFileSync(join(run, 'state.json'), '{"answers":')
  expect(await asked('machines')).toEqual({ out: '', err: '', code: 0 })
  expect(await asked('__proto__')).toEqual({ out: '', err: '', code: 0 })
  await listen({ data: null })
  expect(await asked('agents')).toEqual({ out: '', err: '', code: 0 })
})
