import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { afterEach, beforeEach, expect, test } from 'vitest'
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
