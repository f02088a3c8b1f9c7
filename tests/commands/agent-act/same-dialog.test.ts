import { describe, expect, test } from 'vitest'
import {
  dialogShown,
  isSameDialog,
  mayWaitAlike,
  nothingToCompare,
  type ShownDialog,
} from '../../../src/commands/agent-act/same-dialog.ts'

const shown = (agent: string, more: { cli?: string; command?: string | null; hash?: string } = {}): ShownDialog => {
  const { cli = 'claude', command = 'npm test', hash = '74ec4f372ae4' } = more
  return {
    agent,
    cli,
    lines: [
      'Bash command',
      ...(command === null ? [] : [`    ${command}`]),
      '  [1] Yes',
      '  [2] No',
      `dialog ${hash}`,
      'vc would press 1',
    ],
  }
}

describe('the dialogs of two agents', () => {
  test('are the same when the CLI, the quoted command and all around it are', () => {
    expect(isSameDialog(shown('a/claude-1'), shown('b/claude-2'))).toBe(true)
  })

  test.each<[string, ShownDialog]>([
    ['another command', shown('b', { command: 'npm test; rm -rf /' })],
    ['another CLI', shown('b', { cli: 'codex' })],
    ['a hash that says the words were cut or redacted differently', shown('b', { hash: '000000000000' })],
    ['one word more', { ...shown('b'), lines: [...shown('b').lines, 'and more'] }],
  ])('are not with %s', (_what, other) => {
    expect(isSameDialog(shown('a'), other)).toBe(false)
    expect(isSameDialog(other, shown('a'))).toBe(false)
  })

  test('cannot be compared when nothing is quoted, and the words say so', () => {
    const bare = shown('a/claude-1', { command: null })
    expect(nothingToCompare(bare)).toMatchObject({
      code: 'nothing_to_compare',
      fix: expect.stringMatching(/a\/claude-1/),
    })
    expect(isSameDialog(bare, shown('b', { command: null }))).toBe(false)
    expect(nothingToCompare({ ...shown('a'), lines: ['  npm test'] })).toMatchObject({ code: 'nothing_to_compare' })
  })

  test('are named by the hash that vc wrote, not by one in their title', () => {
    const tricky = { ...shown('a'), lines: ['dialog aaaaaaaaaaaa', ...shown('a').lines] }
    expect(dialogShown(tricky)).toBe('74ec4f372ae4')
    expect(dialogShown({ ...tricky, lines: [] })).toBeNull()
  })
})

test('those who may wait alike are of the same CLI, steered by vc, and wait for an approval', () => {
  const one = (agent: string, cli = 'claude', kind = 'managed', state = 'needs_approval') => ({
    ...{ agent, cli, kind, state, cwd: null },
  })
  const all = [
    one('a'),
    one('b', 'claude', 'adopted'),
    one('c', 'claude', 'observed'),
    one('d', 'codex'),
    one('e', 'claude', 'managed', 'asked_question'),
  ]
  expect(mayWaitAlike(one('a'), all).map(({ agent }) => agent)).toEqual(['b'])
})
