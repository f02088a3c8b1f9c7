import { expect, test } from 'vitest'
import { foreignWriter } from '../../src/core/foreign-writer.ts'

const ME = 1000

test.each([
  ['mine alone', { uid: ME, mode: 0o100600 }, null],
  ['mine, read by others', { uid: ME, mode: 0o100644 }, null],
  ['mine, written by my group', { uid: ME, mode: 0o100664 }, 'can be written by others (mode 0664)'],
  ['a folder where everybody makes files', { uid: ME, mode: 0o041777 }, 'can be written by others (mode 1777)'],
  ["somebody else's", { uid: 7, mode: 0o100600 }, 'belongs to uid 7, not to you (uid 1000)'],
  ["root's", { uid: 0, mode: 0o100644 }, 'belongs to uid 0, not to you (uid 1000)'],
])('%s', (_name, file, says) => {
  expect(foreignWriter(file, ME)?.says ?? null).toBe(says)
})

test('a file of the system may be written by root, not by everybody', () => {
  expect(foreignWriter({ uid: 0, mode: 0o100644 }, ME, { rootToo: true })).toBeNull()
  expect(foreignWriter({ uid: 0, mode: 0o100666 }, ME, { rootToo: true })?.by).toBe('mode')
  expect(foreignWriter({ uid: 7, mode: 0o100644 }, ME, { rootToo: true })?.by).toBe('owner')
})
