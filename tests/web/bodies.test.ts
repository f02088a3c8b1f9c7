import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { AskRequest } from '../../src/core/carrier.ts'
import { silentLog } from '../../src/core/log.ts'
import { createApp } from '../../src/web/app.ts'
import { serveSocket } from '../../src/web/socket-server.ts'

const opened = () => {
  const asked: AskRequest[] = []
  const app = createApp({
    version: '1.2.3',
    startedAt: new Date(),
    log: silentLog,
    async ask(question) {
      asked.push(question)
      return { topic: question.topic, version: 1, generatedAt: '', data: null }
    },
    robot: async () => ({ text: '', exit: 0 }),
    missions: async (wish) => wish,
    keeper: {
      snapshot: async () => ({ path: '/srv/copy', ageS: 0 }) as never,
      backup: async () => ({}) as never,
      counts: async () => ({}) as never,
    },
  })
  const post = async (path: string, body: string) => {
    const reply = await app.request(path, { method: 'POST', body })
    return { status: reply.status, said: (await reply.json()) as Record<string, unknown> }
  }
  return { app, asked, post }
}

test.each([
  ['no JSON', '{oops', 'bad_body', /no JSON/],
  ['nothing', '', 'bad_body', /no JSON/],
  ['null', 'null', 'bad_body', /no object/],
  ['a list', '[]', 'bad_body', /no object/],
  ['a text', '"x"', 'bad_body', /no object/],
  ['no topic', '{}', 'bad_question', /names its topic/],
  ['a topic that is a number', '{"topic":3}', 'bad_question', /names its topic/],
  ['params that are none', '{"topic":"health","params":null}', 'bad_question', /params as an object/],
  ['params in a list', '{"topic":"health","params":[]}', 'bad_question', /params as an object/],
])('%s is refused as the mistake of who sent it, and never asked', async (_name, body, code, says) => {
  const { asked, post } = opened()
  const { status, said } = await post('/v1/ask', body)
  expect(status).toBe(400)
  expect(said).toMatchObject({ error: { code, message: expect.stringMatching(says), exit_code: 2 } })
  expect(asked).toEqual([])
})

test('a question without params asks with none', async () => {
  const { asked, post } = opened()
  expect((await post('/v1/ask', '{"topic":"health"}')).status).toBe(200)
  expect(asked).toEqual([{ topic: 'health', params: {} }])
})

test('a door that needs no words is asked without any', async () => {
  expect(await opened().post('/v1/sql/snapshot', '')).toMatchObject({ status: 200, said: { ageS: 0 } })
})

test('every other door refuses what is no object, too', async () => {
  const { post } = opened()
  expect(await post('/v1/missions', 'null')).toMatchObject({ status: 400, said: { error: { code: 'bad_body' } } })
  expect(await post('/v1/missions', '{"action":"add"}')).toEqual({ status: 200, said: { action: 'add' } })
})

test('what the daemon does not know is said as an error with its version and the way out', async () => {
  const reply = await opened().app.request('/v1/nope')
  expect(reply.status).toBe(404)
  expect(await reply.json()).toEqual({
    error: {
      code: 'unknown_request',
      message: 'the daemon (vc 1.2.3) answers no GET /v1/nope',
      fix: expect.stringContaining('vc daemon stop'),
      exit_code: 1,
    },
  })
})

test.each([true, false])('ten megabytes are refused before they are kept (length announced: %s)', async (announced) => {
  const dir = mkdtempSync(join(tmpdir(), 'vc-bodies-'))
  const socketPath = join(dir, 'vc.sock')
  const { app, asked } = opened()
  const server = await serveSocket(app, socketPath)
  onTestFinished(async () => {
    await server.close()
    rmSync(dir, { recursive: true })
  })
  const body = JSON.stringify({ topic: 'x'.repeat(10_000_000) })
  const said = await new Promise<string>((resolve, reject) => {
    const headers = announced ? { 'content-length': body.length } : {}
    const message = request({ socketPath, path: '/v1/ask', method: 'POST', headers }, async (response) => {
      let text = ''
      for await (const chunk of response) text += chunk
      resolve(text)
    })
    message.on('error', reject)
    message.end(body)
  })
  expect(said).toContain('body_too_large')
  expect(asked).toEqual([])
})

test.each([['zz\u001b[31m'], [''], ['-oProxyCommand=x'], ['a b'], ['a'.repeat(200)]])(
  'an event about %j, which is no name of a machine, is not kept',
  async (machineId) => {
    const kept: unknown[] = []
    const app = createApp({
      version: '1.2.3',
      startedAt: new Date(),
      log: silentLog,
      ask: async () => ({ topic: '', version: 1, generatedAt: '', data: null }),
      robot: async () => ({ text: '', exit: 0 }),
      audit: async (event) => void kept.push(event),
    })
    const post = (id: string) =>
      app.request('/v1/audit', {
        method: 'POST',
        body: JSON.stringify({ machineId: id, kind: 'trust', detail: 'SHA256:x' }),
      })
    expect((await post(machineId)).status).toBe(400)
    expect(kept).toEqual([])
    expect((await post('atlas')).status).toBe(200)
    expect(kept).toEqual([{ machineId: 'atlas', kind: 'trust', detail: 'SHA256:x' }])
  },
)

test('a client that dies in the middle of its request is no error of the daemon', async () => {
  const errors: unknown[] = []
  const log = { ...silentLog, error: (...args: unknown[]) => void errors.push(args) }
  const app = createApp({
    version: '1.2.3',
    startedAt: new Date(),
    log,
    ask: async () => ({ topic: '', version: 1, generatedAt: '', data: null }),
    robot: async () => ({ text: '', exit: 0 }),
  })
  const dir = mkdtempSync(join(tmpdir(), 'vcb-'))
  const server = await serveSocket(app, join(dir, 's'))
  onTestFinished(async () => {
    await server.close()
    rmSync(dir, { recursive: true })
  })
  const client = request({
    socketPath: join(dir, 's'),
    path: '/v1/ask',
    method: 'POST',
    headers: { 'content-length': 100 },
  })
  client.on('error', () => {})
  client.write('{')
  await new Promise((resolve) => setTimeout(resolve, 100))
  client.destroy()
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(errors).toEqual([])
})
