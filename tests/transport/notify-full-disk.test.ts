import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { appendAlertLine } from '../../src/transport/notify-file.ts'

const disk = vi.hoisted(() => ({ leftBytes: Number.POSITIVE_INFINITY }))
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  return {
    ...real,
    appendFile: async (path: string, text: string) => {
      await real.appendFile(path, text.slice(0, disk.leftBytes))
      if (text.length > disk.leftBytes) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
    },
  }
})

test.each([1, 0])('half a line that found room goes again, with %i lines before it', async (before) => {
  const file = join(mkdtempSync(join(tmpdir(), 'vc-notify-')), 'alerts.jsonl')
  disk.leftBytes = Number.POSITIVE_INFINITY
  if (before === 1) await appendAlertLine(file, '{"a":1}')
  disk.leftBytes = 4
  expect(await appendAlertLine(file, '{"a":2}')).toEqual({ ok: false, code: null, detail: 'ENOSPC' })
  disk.leftBytes = Number.POSITIVE_INFINITY
  await appendAlertLine(file, '{"a":3}')
  expect(readFileSync(file, 'utf8')).toBe(`${before === 1 ? '{"a":1}\n' : ''}{"a":3}\n`)
})
