import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const STRAYS = join(import.meta.dirname, '../../src/daemon/strays.ts')

// In a process of its own: here a lost rejection would be taken for a failed test.
const lose = (keep: boolean): string =>
  execFileSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { hearStrays } from ${JSON.stringify(STRAYS)}
       const say = (fields, message) => console.log(message, fields.detail, /at /.test(fields.place))
       const deafen = hearStrays({ debug() {}, info() {}, warn() {}, error: say })
       Promise.reject(new Error('lost'))
       await new Promise((done) => setTimeout(done, 20))
       console.log('alive')
       if (${keep}) process.exit(0)
       deafen()
       Promise.reject(new Error('lost again'))
       await new Promise((done) => setTimeout(done, 1000))`,
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )

test('a promise that failed unheard is logged with its place, and the process goes on', () => {
  expect(lose(true)).toBe('something failed and nobody was told: please report it lost true\nalive\n')
})

test('afterwards the rule of Node holds again', () => {
  expect(() => lose(false)).toThrow()
})
