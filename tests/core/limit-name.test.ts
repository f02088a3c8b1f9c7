import { expect, test } from 'vitest'
import { isOwnLimit, limitName } from '../../src/core/limit-name.ts'

test.each([
  ['anthropic', 'claude', '5h', '5h', true],
  ['anthropic', 'claude', '7d:opus', '7d:opus', false],
  ['anthropic', 'oauth_apps', '7d', '7d oauth_apps', false],
  ['openai', 'codex', '300m', '300m', true],
  ['openai', 'codex_spark', '5h', '5h codex_spark', false],
  ['openai', '', '7d', '7d', true],
  ['anthropic', 'extra_usage', 'unknown', 'extra_usage', false],
  ['cursor', 'Cursor', '7d', '7d', true],
])('%s %s %s is told as %s', (provider, limit, window, name, own) => {
  expect(limitName(provider, limit, window)).toBe(name)
  expect(isOwnLimit(provider, limit, window)).toBe(own)
})
