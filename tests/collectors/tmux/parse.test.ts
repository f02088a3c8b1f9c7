import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseTmux, type ServerText } from '../../../src/collectors/tmux/parse.ts'
import { dialogHash, plainScreen, screenHash } from '../../../src/collectors/tmux/screen.ts'
import { judgeServer } from '../../../src/collectors/tmux/verdict.ts'
import { recorded } from './samples.ts'

const parsed = (bytes: Uint8Array) => {
  const text = parseTmux(bytes)
  if (text.is !== 'tmux') throw new Error(text.is)
  return text
}

describe('recorded answers', () => {
  test('a mixed server: titles, names with spaces, a path with a pipe, dead panes with and without status', () => {
    const { servers, complete, version } = parsed(recorded('probe-mixed'))
    expect({ complete, version, count: servers.length }).toEqual({ complete: true, version: '3.3a', count: 1 })
    const panes = servers[0]?.panes ?? []
    expect(panes.map((pane) => pane.paneId)).toEqual(['%0', '%1', '%2', '%3', '%7'])
    expect(panes[0]).toMatchObject({
      title: '⠐ Fix rate limit parser',
      tty: 'pts/1',
      command: 'claude',
      attachedClients: 1,
      active: true,
    })
    expect(panes[2]).toMatchObject({ dead: true, deadStatus: 3, path: '' })
    expect(panes[3]).toMatchObject({ dead: true, deadStatus: null })
    expect(panes[4]).toMatchObject({
      sessionName: 'be ta',
      windowName: 'w\ttab',
      path: '/srv/code/with | pipe',
      title: 'OC | ✳ idle',
    })
    expect(servers[0]?.screens.get('%0')).toContain('✶ Percolating…')
    expect(servers[0]?.screens.get('%3')).toBe('')
  })

  test.each([
    ['probe-no-server', 'no_sessions'],
    ['probe-dead-server', 'no_sessions'],
    ['probe-empty-server', 'no_sessions'],
    ['probe-mixed', 'panes'],
  ])('%s means %s', (name, is) => {
    const { servers } = parsed(recorded(name))
    expect(servers.map((server) => judgeServer(server).is)).toEqual([is])
  })

  test('no tmux on the machine', () => {
    expect(parsed(recorded('probe-not-installed'))).toMatchObject({ binary: null, servers: [] })
  })

  test('sanitised output (a tmux without -u) is bad output, not an empty machine', () => {
    const [server] = parsed(recorded('probe-without-u-sanitised')).servers
    expect(judgeServer(server as ServerText)).toMatchObject({ is: 'unseen', fault: 'bad_output' })
  })

  test('cut off anywhere it is incomplete', () => {
    expect(parsed(recorded('probe-truncated')).complete).toBe(false)
    const whole = recorded('probe-mixed')
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (end) => {
        const text = parseTmux(whole.subarray(0, end))
        if (text.is === 'tmux') expect(text.complete).toBe(false)
      }),
    )
  })

  test('arbitrary bytes and records never throw', () => {
    const field = fc.oneof(fc.string(), fc.nat().map(String), fc.constantFrom('%1', '$1', '@1', '', '\n', '0'))
    const line = fc.oneof(
      fc.string(),
      fc.array(field, { maxLength: 40 }).map((fields) => `@0123456789abcdef P\u001f${fields.join('\u001f')}`),
      fc.constantFrom('@0123456789abcdef S\u001f0\u001f/s', '@0123456789abcdef C\u001f%1', '@0123456789abcdef end'),
    )
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = parsed(Buffer.from(['@0123456789abcdef vc-tmux 2 1 /usr/bin/tmux', ...lines, ''].join('\n')))
        for (const server of text.servers) judgeServer(server)
      }),
    )
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void expect(parseTmux(bytes)).toEqual({ is: 'no_begin' })))
  })
})

describe("tmux's own words", () => {
  const server = (exitCode: number, message: string): ServerText => ({
    socket: '/tmp/s',
    exitCode,
    message,
    panes: [],
    unreadable: 0,
    screens: new Map(),
  })

  test.each([
    [1, 'error connecting to /tmp/x (No such file or directory)', 'no_sessions'],
    [1, 'error connecting to /tmp/x (Connection refused)', 'no_sessions'],
    [1, 'no server running on /tmp/x', 'no_sessions'],
    [1, 'no current target', 'no_sessions'],
    [0, '', 'no_sessions'],
    [1, 'error connecting to /tmp/x (Permission denied)', 'exit_code'],
    [1, 'server version is too old for client', 'incompatible_version'],
    [1, 'protocol version mismatch (client 8, server 7)', 'incompatible_version'],
    [124, '', 'timeout'],
  ])('%i "%s" is %s', (exitCode, message, meaning) => {
    const verdict = judgeServer(server(exitCode, message))
    expect(verdict.is === 'unseen' ? verdict.fault : verdict.is).toBe(meaning)
  })
})

describe('screens', () => {
  test('escape sequences go, text stays', () => {
    expect(
      plainScreen('\u001b[2mghost\u001b[0m\u001b[39m hi\u001b]8;;http://x\u001b\\link\u001b]8;;\u0007!\u000e\u001b(B'),
    ).toBe('ghost hilink!')
    fc.assert(fc.property(fc.string(), (text) => void expect(plainScreen(text)).not.toMatch(/\u001b\[[0-9;]*m/)))
  })

  test('a spinner, a clock and a token counter do not make another screen; words do', () => {
    const at = (glyph: string, seconds: number) =>
      screenHash(`${glyph} Percolating… (${seconds}s · ↓ 1.${seconds}k tokens)  \n\n`)
    expect(at('✶', 41)).toBe(at('⠐', 142))
    expect(screenHash('Do you want to proceed?')).not.toBe(screenHash('Do you want to stop?'))
  })

  test('a dialog is the same however it was wrapped, another when an option differs', () => {
    const dialog = { title: 'Bash command', body: 'rm -rf\n  build', options: ['Yes', 'No'] }
    expect(dialogHash({ ...dialog, body: 'rm -rf build' })).toBe(dialogHash(dialog))
    expect(dialogHash({ ...dialog, options: ['Yes', 'Always'] })).not.toBe(dialogHash(dialog))
  })
})
