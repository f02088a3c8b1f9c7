import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fetchAnswer } from '../../src/robot/thin-socket.ts'
import { NoDaemon, pingDaemon, requestLines, requestText } from '../../src/transport/socket-client.ts'

let dir = ''
let socket = ''
let server: Server | null = null
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vc-socket-'))
  socket = join(dir, 'vc.sock')
})
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = null
  rmSync(dir, { recursive: true, force: true })
})

const listen = (handle: RequestListener): Promise<void> =>
  new Promise((resolve) => {
    server = createServer(handle).listen(socket, resolve)
  })

const why = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'answered',
    (error: unknown) => (error instanceof NoDaemon ? error.why : error),
  )

test('a socket where others can put one is nobody that a daemon is believed from, nor told anything', async () => {
  let asked = 0
  await listen((_, response) => {
    asked += 1
    response.end('{}')
  })
  chmodSync(dir, 0o777)
  await expect(requestText(socket, { method: 'POST', path: '/v1/missions', body: {} })).rejects.toMatchObject({
    code: 'unsafe_directory',
    exitCode: 2,
    fix: expect.stringContaining('chmod 700'),
  })
  expect(asked).toBe(0)
})

test('no socket, a file in its place, and a listener that says nothing are three kinds of no daemon', async () => {
  expect(await why(pingDaemon(socket))).toBe('absent')
  writeFileSync(socket, '')
  expect(await why(pingDaemon(socket))).toBe('refused')
  rmSync(socket)
  await listen(() => undefined)
  expect(await why(pingDaemon(socket))).toBe('silent')
})

test('an answer that came while this very process was not let run is read, not taken for silence', async () => {
  const serve = `require('node:http')
    .createServer((_, res) => res.setHeader('content-length', 40).end('{"version":"1","pid":7,"started_at":"x"}'))
    .listen(${JSON.stringify(socket)}, () => console.log('up'))`
  const daemon = spawn(process.execPath, ['-e', serve], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    await once(daemon.stdout, 'data')
    const asked = pingDaemon(socket)
    const thin = fetchAnswer(socket, '/v1/ping')
    for (const from = performance.now(); performance.now() - from < 600; );
    expect(await asked).toMatchObject({ pid: 7 })
    expect((await thin)?.body.toString()).toContain('"pid":7')
  } finally {
    daemon.kill('SIGKILL')
  }
})

// A full queue is a refusal on other systems.
test.skipIf(process.platform !== 'linux')('a frozen daemon whose queue is full is silent, no fault', async () => {
  const listen = `require('node:net').createServer().listen({ path: ${JSON.stringify(socket)}, backlog: 1 }, () => console.log('up'))`
  const daemon = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] })
  const waiting: Socket[] = []
  try {
    await once(daemon.stdout, 'data')
    daemon.kill('SIGSTOP')
    for (let i = 0; i < 4; i += 1) waiting.push(connect(socket).on('error', () => undefined))
    expect(await why(pingDaemon(socket))).toBe('silent')
  } finally {
    for (const client of waiting) client.destroy()
    daemon.kill('SIGKILL')
  }
})

test('an answer that stops in the middle ends too', async () => {
  await listen((_req, res) => void res.writeHead(200).write('{"half":'))
  expect(await why(requestText(socket, { method: 'GET', path: '/', timeoutMs: 200 }))).toBe('silent')
})

test("the daemon's own refusal arrives as it was meant: code, sentence, fix, exit code", async () => {
  const error = { code: 'no_history', message: 'not remembered', fix: 'ask later', exit_code: 4 }
  await listen((_req, res) => res.writeHead(409).end(JSON.stringify({ error })))
  await expect(requestText(socket, { method: 'GET', path: '/' })).rejects.toMatchObject({
    code: 'no_history',
    fix: 'ask later',
    exitCode: 4,
  })
})

test('anything else on the socket is not taken for an answer', async () => {
  await listen((_req, res) => res.writeHead(500).end('<html>'))
  await expect(requestText(socket, { method: 'GET', path: '/' })).rejects.toMatchObject({ code: 'bad_reply' })
})

test('lines come whole, however the bytes were cut', async () => {
  await listen((_req, res) => {
    res.write('{"a":')
    setImmediate(() => {
      res.write('1}\n\n{"b"')
      res.end(':2}\n')
    })
  })
  const lines: string[] = []
  for await (const line of requestLines(socket, { method: 'GET', path: '/' })) lines.push(line)
  expect(lines).toEqual(['{"a":1}', '{"b":2}'])
})
