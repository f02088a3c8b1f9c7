import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const VC = join(import.meta.dirname, '../../bin/vc.js')
const dir = mkdtempSync(join(tmpdir(), 'vc-one-look-'))
afterAll(() => rmSync(dir, { recursive: true }))

const LISTENER = join(dir, 'listener.cjs')
writeFileSync(
  LISTENER,
  `const v8 = require('node:v8')
const set = v8.setFlagsFromString
v8.setFlagsFromString = (flag) => { process.stderr.write('flag ' + flag + '\\n'); set(flag) }`,
)

/** What a command tells the engine before it reads its own code. */
const flagsOf = (command: string): readonly string[] => {
  const env = { PATH: process.env.PATH, HOME: dir }
  const done = spawnSync(process.execPath, ['-r', LISTENER, VC, command, '--help'], { env, encoding: 'utf8' })
  expect(done.status).toBe(0)
  return [...done.stderr.matchAll(/^flag (.*)$/gm)].map(([, flag]) => flag as string)
}

test('one look does without what pays later than it lives: a second compiler, and collecting garbage early', () => {
  const hasFastOne = process.config.variables['v8_enable_maglev' as keyof typeof process.config.variables] === 1
  const roomy = ['--initial-old-space-size=256', '--min-semi-space-size=16', '--heap-growing-percent=1600']
  expect(flagsOf('collect')).toEqual([...(hasFastOne ? ['--no-turbofan', '--no-maglev-inlining'] : []), ...roomy])
  expect(flagsOf('status')).toEqual([])
})
