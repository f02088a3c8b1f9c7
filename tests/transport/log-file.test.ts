import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLogFile } from '../../src/transport/log-file.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vc-log-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const written = async (
  write: (log: ReturnType<typeof openLogFile>['log']) => void,
  level: 'info' | 'warn' = 'info',
) => {
  const { log, close } = openLogFile({ dir, level, maxMb: 1, keep: 2 })
  write(log)
  await close()
  return readFileSync(join(dir, 'vc.log'), 'utf8')
}

test('a line is one JSON object with a readable time, in a file of its owner alone', async () => {
  const text = await written((log) => log.info({ machine: 'atlas' }, 'payload refused'))
  expect(JSON.parse(text)).toMatchObject({
    machine: 'atlas',
    msg: 'payload refused',
    time: expect.stringMatching(/Z$/),
  })
  expect(statSync(join(dir, 'vc.log')).mode & 0o777).toBe(0o600)
})

test('secrets are censored wherever they stand', async () => {
  const text = await written((log) =>
    log.warn({ token: 'canary-1', request: { authorization: 'canary-2', api_key: 'canary-3' } }, 'refused'),
  )
  expect(text).not.toContain('canary')
  expect(text.match(/\[redacted\]/g)).toHaveLength(3)
})

test('what is below the level is not written', async () => {
  expect(await written((log) => log.info({}, 'quiet'), 'warn')).toBe('')
})

test('a log that grows is turned over, and only so many old ones are kept', async () => {
  const { log, close } = openLogFile({ dir, level: 'info', maxMb: 1, keep: 2 })
  const line = 'x'.repeat(200_000)
  for (let i = 0; i < 40; i++) {
    log.info({}, line)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await close()
  const logs = readdirSync(dir).filter((name) => name.startsWith('vc'))
  expect(logs.length).toBeGreaterThan(1)
  expect(logs.length).toBeLessThanOrEqual(3)
})

test('a folder that vanished takes nobody down', async () => {
  const { log, close } = openLogFile({ dir: join(dir, 'absent', 'deeper'), level: 'info', maxMb: 1, keep: 1 })
  rmSync(dir, { recursive: true, force: true })
  log.info({}, 'lost')
  await close()
})

test('a log that could not be written goes on when it can be again, and says what was lost', async () => {
  const place = join(dir, 'place')
  writeFileSync(place, 'a file where the folder should be')
  const { log, close } = openLogFile({ dir: place, level: 'info', maxMb: 1, keep: 1, retryMs: 50 })
  await new Promise((resolve) => setTimeout(resolve, 20))
  log.info({}, 'lost 1')
  log.info({}, 'lost 2')
  rmSync(place)
  mkdirSync(place)
  await new Promise((resolve) => setTimeout(resolve, 60))
  log.info({}, 'kept')
  await close()
  const lines = readFileSync(join(place, 'vc.log'), 'utf8').trim().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ msg: 'lines of this log were lost', lines: 2, detail: expect.stringContaining('place') }),
    expect.objectContaining({ msg: 'kept' }),
  ])
})

test('a line that a full disk cut in two does not swallow the next one', async () => {
  writeFileSync(join(dir, 'vc.log'), '{"msg":"whole"}\n{"msg":"cu')
  const text = await written((log) => log.info({}, 'after'))
  expect(JSON.parse(text.trim().split('\n').at(-1) ?? '')).toMatchObject({ msg: 'after' })
})
