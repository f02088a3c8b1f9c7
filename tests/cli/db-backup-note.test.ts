import { expect, test } from 'vitest'
import { backupNote } from '../../src/cli/commands/db.ts'

test('whoever backs up a large file is told that it takes a while', () => {
  expect(backupNote(100 * 1024 ** 2)).toBeNull()
  expect(backupNote(1024 ** 3)).toMatchObject({ code: 'backup_long', message: expect.stringMatching(/^1(\.0)? GB /) })
})
