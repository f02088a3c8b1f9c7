import { expect, test } from 'vitest'
import { infoScreen } from '../../src/cli/db-print.ts'
import { bytesText } from '../../src/core/bytes.ts'

test('a size is the same number here and in vc doctor', () => {
  const bytes = 68_000_000_000
  const info = {
    ...{ file: '/srv/vc.duckdb', exists: true, bytes: 1_048_576, walBytes: null, owner: null, schema: 15, tables: [] },
    ...{ trouble: null, begunAnew: null, backups: [], freeBytes: bytes },
  }
  const said = infoScreen(info, new Date(0), (_tone, text) => text)
  expect(said).toMatch(/size +1\.0 MB/)
  expect(said).toContain(bytesText(bytes))
  expect(bytesText(bytes)).toBe('63 GB')
})
