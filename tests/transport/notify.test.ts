import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { desktopArgv, postHttp, runNotifier } from '../../src/transport/notify.ts'
import { appendAlertLine } from '../../src/transport/notify-file.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

interface Heard {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A real server on loopback that keeps what it hears and answers as told; null: never. */
const listen = async (status: number | null, headers: Record<string, string> = {}) => {
  const heard: Heard[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += String(chunk)
    })
    request.on('end', () => {
      heard.push({ path: request.url ?? '', headers: request.headers, body })
      if (status !== null) response.writeHead(status, headers).end('x'.repeat(1_000_000))
    })
  })
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` }
}

const post = (url: string, timeoutMs = 5_000) =>
  postHttp({
    url,
    headers: { 'content-type': 'application/json', authorization: 'Bearer t' },
    body: '{"a":"ä"}',
    timeoutMs,
  })

test('a POST arrives as it was written', async () => {
  const { heard, url } = await listen(204)
  expect(await post(url)).toEqual({ ok: true, code: 204, detail: null })
  expect(heard).toMatchObject([
    { path: '/hook', body: '{"a":"ä"}', headers: { authorization: 'Bearer t', 'content-length': '10' } },
  ])
})

test('a redirect is a failure, and nobody else is asked', async () => {
  const other = await listen(200)
  const { url } = await listen(302, { location: other.url })
  expect(await post(url)).toEqual({ ok: false, code: 302, detail: 'redirects are not followed' })
  expect(other.heard).toEqual([])
})

test('an error, a refusal and silence are three endings, and none holds the address', async () => {
  const broken = await listen(500)
  expect(await post(broken.url)).toEqual({ ok: false, code: 500, detail: 'answered 500' })
  const silent = await listen(null)
  expect(await post(silent.url, 200)).toMatchObject({ ok: false, code: null, detail: 'no answer within 200 ms' })
  const gone = await listen(200)
  servers.pop()?.close()
  expect(await post(gone.url)).toEqual({ ok: false, code: null, detail: 'ECONNREFUSED' })
  expect(await post('file:///etc/passwd')).toMatchObject({ ok: false })
})

test('a program gets its arguments as they are and the alert on its standard input', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'vc-notify-')), 'out')
  const argv = ['/bin/sh', '-c', 'printf "%s\\n" "$2" >"$1"; cat >>"$1"', 'sh', file, '$(id); `id`']
  expect(await runNotifier(argv, '{"a":1}\n', 5_000)).toEqual({ ok: true, code: 0, detail: null })
  expect(readFileSync(file, 'utf8')).toBe('$(id); `id`\n{"a":1}\n')
})

test('a program that fails, hangs or is not there says how', async () => {
  expect(await runNotifier(['/bin/sh', '-c', 'exit 3'], '', 5_000)).toEqual({
    ok: false,
    code: 3,
    detail: 'exit code 3',
  })
  expect(await runNotifier(['/bin/sleep', '30'], '', 100)).toMatchObject({
    ok: false,
    detail: 'did not end within 100 ms',
  })
  expect(await runNotifier(['/nonexistent/program'], '', 5_000)).toMatchObject({ ok: false, detail: 'ENOENT' })
})

test('words of an alert are arguments of a desktop notification, never part of a script or an option', () => {
  const message = { summary: '--help', body: '" & do shell script "id', urgent: true }
  const linux = desktopArgv('linux', message) ?? []
  expect(linux.indexOf('--')).toBeLessThan(linux.indexOf('--help'))
  const mac = desktopArgv('darwin', message) ?? []
  expect(mac.slice(-2)).toEqual(['--help', message.body])
  expect(mac.slice(0, -2).join(' ')).not.toContain('do shell script')
  expect(desktopArgv('win32', message)).toBeNull()
})

test('lines are appended to a file of the owner alone, and a large file is put aside', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'vc-notify-')), 'alerts.jsonl')
  await appendAlertLine(file, '{"a":1}')
  expect(await appendAlertLine(file, '{"a":2}')).toMatchObject({ ok: true })
  expect(readFileSync(file, 'utf8')).toBe('{"a":1}\n{"a":2}\n')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  writeFileSync(file, Buffer.alloc(16 * 1024 * 1024 + 1))
  await appendAlertLine(file, '{"a":3}')
  expect(readFileSync(file, 'utf8')).toBe('{"a":3}\n')
  expect(await appendAlertLine('/nonexistent/folder/alerts.jsonl', '{}')).toMatchObject({ ok: false, detail: 'ENOENT' })
})
