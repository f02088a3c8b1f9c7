import { describe, expect, test } from 'vitest'
import { lookAtCaller } from '../../src/commands/caller-look.ts'
import { type Ancestor, ancestorsOf } from '../../src/transport/ancestors.ts'

const me = process.getuid?.() ?? 0

const above = (...lines: readonly (readonly string[])[]): (() => Promise<readonly Ancestor[]>) => {
  const found = lines.map((args, at) => ({ pid: 100 - at, ppid: 99 - at, uid: me, args }))
  return async () => found
}

const VC = ['node', '/usr/lib/vc/bin/vc.js', 'agent', 'send', 'claude', 'hello']
const SHELL = ['-bash']
const look = async (...lines: readonly (readonly string[])[]) =>
  (await lookAtCaller({ pid: 100, terminal: true }, above(...lines))).agent

describe('who asks', () => {
  test.each([
    ['a person in a shell', [VC, SHELL, ['sshd: ana@pts/0'], ['/sbin/init']], null],
    ['a person in tmux', [VC, SHELL, ['tmux', 'new', '-s', 'claude'], ['/sbin/init']], null],
    ['the name of an agent on vc’s own command line', [['npx', 'vc', 'agent', 'approve', 'atlas/claude'], SHELL], null],
    ['an editor on a file of that name', [VC, ['vim', '/home/ana/claude'], SHELL], null],
    ['the native claude', [VC, ['/bin/zsh', '-c', 'vc agent send x'], ['claude'], SHELL], 'claude'],
    [
      'claude as a script',
      [VC, ['bash', '-c', 'x'], ['node', '/opt/lib/node_modules/@anthropic-ai/claude-code/cli.js']],
      'claude',
    ],
    ['claude behind flags of node', [VC, ['node', '--require', 'x.js', '/usr/local/bin/claude', '--resume']], 'claude'],
    ['codex', [VC, ['bash', '-lc', 'x'], ['/home/ana/.npm/codex', '--no-daemon'], SHELL], 'codex'],
    ['gemini', [VC, ['bash'], ['node', '/usr/bin/gemini'], SHELL], 'gemini'],
    ['opencode', [VC, ['sh'], ['/usr/local/bin/opencode'], SHELL], 'opencode'],
    ['aider as a module', [VC, ['python3', '-m', 'aider'], SHELL], 'aider'],
    ['the nearest of two', [VC, ['codex'], ['claude'], SHELL], 'codex'],
  ] as const)('%s: %j → %s', async (_name, lines, expected) => {
    expect(await look(...lines)).toBe(expected)
  })

  test('a number that is nobody, or somebody else’s, is unknown', async () => {
    const other: Ancestor = { pid: 7, ppid: 1, uid: me + 1, args: SHELL }
    expect((await lookAtCaller({ pid: 7, terminal: true }, async () => [other])).agent).toBe('unknown')
    expect((await lookAtCaller({ pid: 2 ** 22 + 5, terminal: true })).agent).toBe('unknown')
  })

  test('the way up of this very process is read from the system', async () => {
    const [first, second] = await ancestorsOf(process.pid)
    expect(first).toMatchObject({ pid: process.pid, ppid: process.ppid, uid: me })
    expect(first?.args.length).toBeGreaterThan(0)
    expect(second?.pid).toBe(process.ppid)
  })
})
