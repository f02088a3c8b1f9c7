import { describe, expect, test } from 'vitest'
import { refusalOf, refusedPlace } from '../../src/core/refusal.ts'
import { acquireLock } from '../../src/store/index.ts'

describe('what the system refuses is told apart from a broken file, whoever words it', () => {
  test.each([
    [
      "EACCES: permission denied, open '/srv/vc/vc.lock.7'",
      'no_access',
      'chmod u+rwX /srv/vc /srv/vc/vc.duckdb (whose they are: ls -la /srv/vc)',
    ],
    [
      'IO Error: Cannot open file "/srv/vc/vc.duckdb": Permission denied',
      'no_access',
      'chmod u+rwX /srv/vc /srv/vc/vc.duckdb (whose they are: ls -la /srv/vc)',
    ],
    ["EROFS: read-only file system, open '/srv/vc/vc.lock.7'", 'read_only', 'mount it read-write'],
    ['IO Error: Cannot open file "/srv/vc/vc.duckdb": Read-only file system', 'read_only', 'mount it read-write'],
    ['ENOSPC: no space left on device, write', 'disk_full', 'make room there'],
    ['IO Error: Could not write file "/srv/vc/vc.duckdb": No space left on device', 'disk_full', 'make room there'],
    ["EIO: i/o error, open '/srv/vc/vc.lock'", 'disk_fails', 'look at dmesg'],
    ['Could not write file "/srv/vc/vc.duckdb.wal": Input/output error', 'disk_fails', 'look at dmesg'],
    ['EMFILE: too many open files', 'too_many_files', 'ulimit -n'],
  ])('%s', (text, code, fix) => {
    expect(refusalOf(new Error(text), '/srv/vc/vc.duckdb')).toMatchObject({
      code,
      message: `/srv/vc/vc.duckdb cannot be used: ${text}`,
      fix: expect.stringContaining(fix),
    })
  })

  test.each([
    'IO Error: The file "/srv/vc/vc.duckdb" exists, but it is not a valid DuckDB database file!',
    'Failure while replaying WAL file',
  ])('%s is none', (text) => expect(refusalOf(new Error(text), '/srv/vc/vc.duckdb')).toBeNull())
})

// No user may make a file there, not even root.
test.skipIf(process.platform !== 'linux')(
  'a folder where nothing can be written is named, with a way out',
  async () => {
    await expect(acquireLock('/sys')).rejects.toMatchObject({
      code: expect.stringMatching(/^(no_access|read_only)$/),
      message: expect.stringContaining('/sys/vc.lock cannot be used'),
      fix: expect.stringMatching(/ls -la \/sys|mount it read-write/),
    })
  },
)

test('an error of the system names its place itself; one that names none is left as it is', () => {
  const error = Object.assign(new Error("EIO: i/o error, open '/srv/vc/vc.duckdb'"), { path: '/srv/vc/vc.duckdb' })
  expect(refusedPlace(error)).toMatchObject({
    code: 'disk_fails',
    message: expect.stringMatching(/^\/srv\/vc\/vc\.duckdb /),
  })
  expect(refusedPlace(new Error('EIO: i/o error, write'))).toBeNull()
})
