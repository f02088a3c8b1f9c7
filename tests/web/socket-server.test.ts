import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { requestText } from '../../src/transport/socket-client.ts'
import { serveSocket } from '../../src/web/socket-server.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vc-socket-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('leavings of a dead daemon make room for the socket, which only its user may open', async () => {
  const path = join(dir, 'vc.sock')
  writeFileSync(path, 'old')
  const server = await serveSocket(new Hono(), path)
  expect(statSync(path).isSocket()).toBe(true)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  await server.close()
  expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined()
})

test('a folder in the place of the socket is named and left alone', async () => {
  const path = join(dir, 'vc.sock')
  mkdirSync(path)
  await expect(serveSocket(new Hono(), path)).rejects.toMatchObject({
    code: 'unusable_directory',
    message: `${path} is a folder, no socket`,
    fix: `move it away: mv ${path} ${path}.old`,
  })
  expect(statSync(path).isDirectory()).toBe(true)
})

test('a socket that somebody removed comes back, and is asked again', async () => {
  const path = join(dir, 'run', 'vc.sock')
  mkdirSync(join(dir, 'run'), { mode: 0o700 })
  const server = await serveSocket(
    new Hono().get('/v1/db', (c) => c.text('here')),
    path,
    20,
  )
  rmSync(join(dir, 'run'), { recursive: true })
  await expect.poll(() => statSync(path, { throwIfNoEntry: false })?.mode, { timeout: 5_000 }).toBe(0o140600)
  const { ino } = statSync(path)
  expect((await requestText(path, { method: 'GET', path: '/v1/db' })).text).toBe('here')
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(statSync(path).ino).toBe(ino)
  await server.close()
  expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined()
})
