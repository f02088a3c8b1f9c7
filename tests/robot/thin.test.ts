import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const THIN = join(import.meta.dirname, '../../src/robot/thin.ts')
const ASK = `import { run } from ${JSON.stringify(THIN)}; process.stderr.write(String(await run(['robot', 'health'])))`

let home: string
let server: Server
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vc-thin-'))
  mkdirSync(join(home, '.local/state/vc/run'), { recursive: true })
})
afterEach(async () => {
  await new Promise<void>((done) => server.close(() => done()))
  rmSync(home, { recursive: true, force: true })
})

/** Asks a daemon that answers with these bytes; `exit` is what `run` returned. */
const ask = async (
  answer: string | null,
  stdout: 'pipe' | number = 'pipe',
): Promise<{ said: string; exit: string; asked: string }> => {
  let asked = ''
  server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      asked += bytes.toString()
      if (answer !== null) socket.end(answer)
    })
  })
  await new Promise<void>((done) => server.listen(join(home, '.local/state/vc/run/vc.sock'), done))
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', ASK], {
    env: { HOME: home },
    stdio: ['ignore', stdout, 'pipe'],
  })
  const heard = { out: '', err: '' }
  child.stdout?.on('data', (bytes) => (heard.out += bytes))
  child.stderr?.on('data', (bytes) => (heard.err += bytes))
  await new Promise((done) => child.once('close', done))
  return { said: heard.out, exit: heard.err, asked }
}

const ok = (headers: string, body: string): string => `HTTP/1.1 200 OK\r\n${headers}\r\n\r\n${body}`

test.skipIf(!existsSync('/dev/full'))(
  'an answer that finds no room where it goes is a fault in a sentence',
  async () => {
    const full = openSync('/dev/full', 'w')
    const { exit } = await ask(ok('Content-Length: 3', '{}\n'), full)
    closeSync(full)
    expect(exit).toMatch(/^vc: the answer could not be written whole: .*\n {2}fix: .*\n1$/)
  },
)

test('a whole answer is printed as it came, with its exit code', async () => {
  const body = `{"a":"ü${'x'.repeat(200_000)}"}\n`
  const answer = ok(`X-Vc-Exit: 3\r\nContent-Length: ${Buffer.byteLength(body)}`, body)
  const { said, exit, asked } = await ask(answer)
  expect(said).toBe(body)
  expect(exit).toBe('3')
  expect(asked).toMatch(/^GET \/v1\/robot\/health\?format=json HTTP\/1\.0\r\nHost: vc\r\n\r\n$/)
})

test.each([
  ['half an answer', ok('Content-Length: 10', 'half')],
  ['an answer without its length', ok('X-Vc-Exit: 0', 'who knows')],
  ['an error', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}'],
  ['noise', 'what?'],
  ['silence', null],
])('%s is not printed: the full program takes over', async (_name, answer) => {
  expect(await ask(answer)).toMatchObject({ said: '', exit: 'null' })
})

test.each(['[vc]\ndata_dir = "/srv/vc"\n', 'vc.data_dir = "/srv/vc"\n', 'vc = { "data_dir" = "/srv/vc" }\n'])(
  'the usual daemon is not asked where the configuration has another: %j',
  async (text) => {
    mkdirSync(join(home, '.config/vc'), { recursive: true })
    writeFileSync(join(home, '.config/vc/vc.toml'), text, { mode: 0o600 })
    expect(await ask(ok('Content-Length: 3', '{}\n'))).toEqual({ said: '', exit: 'null', asked: '' })
  },
)
