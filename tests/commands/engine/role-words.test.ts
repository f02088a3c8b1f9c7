import { describe, expect, test } from 'vitest'
import { type RoleTelling, roleArgs, roleNotice } from '../../../src/commands/engine/role-words.ts'
import { AGENT_ROLES, ROLE_NAMES } from '../../../src/core/agent-role.ts'

const told = (over: Partial<RoleTelling> = {}): RoleTelling => ({
  ...{ cli: 'claude', role: 'reviewer', file: null, resumes: false, extra: [] },
  ...over,
})
const { prompt } = AGENT_ROLES.reviewer

describe('how an agent is told its role', () => {
  test('claude and codex: beside their own instructions, also when a session goes on', () => {
    for (const resumes of [false, true]) {
      expect(roleArgs(told({ resumes }))).toEqual(['--append-system-prompt', prompt])
      expect(roleArgs(told({ cli: 'codex', resumes }))).toEqual([
        '-c',
        `developer_instructions=${JSON.stringify(prompt)}`,
      ])
    }
    expect(roleNotice(told())).toBeNull()
    expect(roleNotice(told({ cli: 'codex' }))).toBeNull()
  })

  test.each([
    ['gemini', '--prompt-interactive'],
    ['opencode', '--prompt'],
  ])('%s: by a first prompt between marks, which is said to cost a turn', (cli, flag) => {
    const [word, text = '', ...more] = roleArgs(told({ cli }))
    expect([word, more]).toEqual([flag, []])
    const lines = text.split('\n')
    expect(lines[0]).toMatch(/^\[your role: reviewer; .* no task\]$/)
    expect(lines.slice(1, -1)).toEqual([prompt])
    expect(lines.at(-1)).toMatch(/^\[end of your role/)
    expect(roleNotice(told({ cli }))).toContain('that is a turn')
  })

  test.each([
    ['a session goes on', { resumes: true }],
    ['the role says nothing in particular', { role: 'generalist' }],
    ['the operator gave a prompt by flag', { extra: ['-i', 'begin'] }],
    ['the operator gave a prompt by flag and value in one', { extra: ['--prompt=begin'] }],
    ['the operator gave a prompt as words', { extra: ['mend the build'] }],
  ] as const)('no turn is spent when %s', (_, over) => {
    for (const cli of ['gemini', 'opencode']) expect(roleArgs(told({ cli, ...over }))).toEqual([])
  })

  test('other words of the operator keep nobody from being told', () => {
    expect(roleArgs(told({ cli: 'gemini', extra: ['--skip-trust'] }))).toHaveLength(2)
  })

  test('a file of the operator is named to the agent, and no name of a file can end the text around it', () => {
    expect(roleArgs(told({ file: '/srv/role.md' }))).toEqual([
      ...['--append-system-prompt', prompt, '--append-system-prompt-file', '/srv/role.md'],
    ])
    const file = '/srv/a"\nmodel="other'
    const [, words = ''] = roleArgs(told({ cli: 'codex', file }))
    const [key, ...text] = words.split('=')
    expect(key).toBe('developer_instructions')
    expect(JSON.parse(text.join('='))).toContain('read it')
    expect(words).not.toContain('\n')
    expect(roleArgs(told({ cli: 'gemini', role: 'generalist', file }))[1]?.split('\n')).toHaveLength(5)
  })

  test('who is not told is named so', () => {
    expect(roleArgs(told({ cli: 'generic' }))).toEqual([])
    expect(roleNotice(told({ cli: 'generic' }))).toContain('takes no role')
    expect(roleNotice(told({ cli: 'gemini', extra: ['begin here'] }))).toContain('not told its role')
  })

  test('every role can be told to every CLI in words that an argv carries', () => {
    for (const role of ROLE_NAMES)
      for (const cli of ['claude', 'codex', 'gemini', 'opencode'])
        for (const word of roleArgs(told({ cli, role, file: '/x' }))) {
          expect(word).not.toContain('\0')
          expect(word.length).toBeLessThan(2_000)
        }
  })
})
