import { expect, test } from 'vitest'
import { messageOf } from '../../src/core/errors.ts'

test.each([
  "The requested module '../core/errors.ts' does not provide an export named 'brandNew'",
  "Cannot find module '/opt/vc/src/web/app.ts' imported from /opt/vc/src/main-cockpit.ts",
  "Cannot find module '/opt/vc/dist/chunk-AB12.js' imported from /opt/vc/dist/main.js",
])('an update below a running vc is told as that, with the way out: %s', (message) => {
  expect(messageOf(new Error(message))).toBe(
    `the code of vc was changed while it ran, and a part of it no longer loads; start it anew: vc daemon stop, then vc daemon --detach (${message})`,
  )
})

test('any other error keeps its words', () => {
  for (const message of ["Cannot find module 'node-pty'", 'connect ECONNREFUSED'])
    expect(messageOf(new Error(message))).toBe(message)
  expect(messageOf('thrown text')).toBe('thrown text')
})
