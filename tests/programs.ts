import { spawnSync } from 'node:child_process'

const strict = process.env.VC_TEST_STRICT === '1'

/**
 * Whether a program is on this machine's PATH. Where it is not, the tests that need it are left out and say so by name; under
 * `VC_TEST_STRICT=1` its absence is a failure.
 */
export const hasProgram = (name: string): boolean => {
  const found = spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name]).status === 0
  if (found) return true
  if (strict) throw new Error(`these tests need ${name}, which this machine lacks (VC_TEST_STRICT=1)`)
  console.warn(`left out: tests that need ${name}, which this machine lacks`)
  return false
}
