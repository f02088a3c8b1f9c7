import { writeFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { printError } from '../../src/cli/print-error.ts'

const said = (thrown: unknown): Promise<string> => {
  const stderr = new PassThrough()
  printError({ stdin: new PassThrough(), stdout: new PassThrough(), stderr, env: {} }, thrown, false)
  stderr.end()
  return stderr.toArray().then((chunks) => chunks.join(''))
}

test('what the system refuses is no fault of vc to be reported: place and way out are named', async () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, mkdtemp '/srv/tmp/vc-demo-XXXXXX'"), {
    code: 'ENOSPC',
    path: '/srv/tmp/vc-demo-XXXXXX',
  })
  expect(await said(full)).toMatch(
    /^vc: \/srv\/tmp\/vc-demo-XXXXXX cannot be used: ENOSPC.*\n {2}fix: make room there \(df -h \/srv\/tmp;/,
  )
})

test('any other error is told as it is, and asked to be reported', async () => {
  const thrown = (() => {
    try {
      writeFileSync('/dev/null/file', '')
    } catch (error) {
      return error
    }
    return null
  })()
  expect(await said(thrown)).toMatch(/^vc: something in vc broke: ENOTDIR.*\n {2}fix: please report it/)
})
