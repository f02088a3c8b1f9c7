// What a command loads is most of what it costs: beside a daemon it only asks.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const BIN = join(import.meta.dirname, '../../bin/vc.js')

// Prints each module that was loaded, at the end and on stderr.
const TELL = `
import { registerHooks } from 'node:module'
const loaded = []
registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context) } })
process.on('exit', () => process.stderr.write(loaded.join('\\n')))
`

let home: string
let server: Server
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'vc-beside-'))
  const run = join(home, '.local/state/vc/run')
  mkdirSync(run, { recursive: true, mode: 0o700 })
  writeFileSync(join(home, 'tell.mjs'), TELL)
  const about = { pid: process.pid, version: '1.0.0', startedAt: '2026-11-20T08:00:00.000Z' }
  const reply = { topic: 'machines', version: 1, generatedAt: '2026-11-20T08:00:00.000Z', data: { machines: [] } }
  server = createServer((req, res) => void res.end(JSON.stringify(req.method === 'POST' ? reply : about)))
  await new Promise<void>((resolve) => server.listen(join(run, 'vc.sock'), resolve))
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(home, { recursive: true, force: true })
})

const loadedBy = async (...argv: readonly string[]): Promise<readonly string[]> => {
  const env = { PATH: process.env.PATH ?? '', HOME: home, TERM: 'dumb' }
  const child = spawn(process.execPath, ['--import', join(home, 'tell.mjs'), BIN, ...argv], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  await new Promise((resolve) => child.once('close', resolve))
  return said.split('\n').filter((line) => line.startsWith('file:'))
}

const HEAVY = /@duckdb|\/src\/(?:store|collectors|daemon|engine)\//

test('beside a daemon a command loads neither database nor collectors; alone it does', async () => {
  const beside = await loadedBy('machines', 'list')
  expect(beside.filter((url) => HEAVY.test(url))).toEqual([])
  expect(beside.some((url) => url.endsWith('/src/commands/ask-daemon.ts'))).toBe(true)
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  expect((await loadedBy('machines', 'list')).some((url) => HEAVY.test(url))).toBe(true)
})
