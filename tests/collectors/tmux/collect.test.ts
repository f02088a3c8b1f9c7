import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tmux } from '../../../src/collectors/tmux/index.ts'
import type { Answer, ScriptAsk } from '../../../src/core/ask.ts'
import type { CollectResult } from '../../../src/core/collector.ts'
import type { Row } from '../../../src/core/rows.ts'
import { hasProgram } from '../../programs.ts'
import { answered, type ContextOptions, contextWith, runInShell } from '../shell-context.ts'
import { recorded } from './samples.ts'

const rowsIn = (result: CollectResult, table: string): readonly Row[] =>
  result.batches.filter((batch) => batch.table === table).flatMap((batch) => batch.rows)

const cursorsOf = (result: CollectResult) =>
  new Map((result.cursors ?? []).map(({ key, value }) => [key, JSON.parse(JSON.stringify(value))]))

describe.runIf(hasProgram('tmux'))('real tmux', () => {
  const dir = mkdtempSync(join(tmpdir(), 'vct-'))
  const uid = process.getuid?.() ?? 0
  const env = {
    ...process.env,
    TMUX_TMPDIR: dir,
    HOME: dir,
    XDG_STATE_HOME: '',
    TMUX: '/nowhere,1,0',
    LANG: 'C',
    LC_ALL: 'C',
  }
  const sockets = join(dir, `tmux-${uid}`)
  const ran: { readonly ask: ScriptAsk; readonly answer: Answer }[] = []
  const cli = (name: string, ...args: string[]): string =>
    execFileSync('tmux', ['-u', '-S', join(sockets, name), '-f', '/dev/null', ...args], { env })
      .toString()
      .trim()
  const collect = (over: Partial<ContextOptions> = {}) =>
    tmux.collect(
      contextWith({
        run: async (ask) => {
          const answer = await runInShell(ask, env)
          ran.push({ ask, answer })
          return answer
        },
        ...over,
      }),
    )
  const said = (): string => Buffer.from(ran.at(-1)?.answer.stdout ?? []).toString()
  const until = async <T>(look: () => Promise<T> | T, good: (value: T) => boolean): Promise<T> => {
    for (let tries = 0; ; tries += 1) {
      const value = await look()
      if (good(value)) return value
      if (tries > 200) throw new Error(`never came: ${JSON.stringify(value)}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  beforeAll(() => {
    mkdirSync(sockets, { mode: 0o700 })
    chmodSync(sockets, 0o700)
    const odd = join(dir, 'odd\nP\u001f path')
    mkdirSync(odd)
    cli(
      'default',
      'new-session',
      '-d',
      '-s',
      'one two',
      '-x',
      '80',
      '-y',
      '24',
      '-c',
      odd,
      'printf "Do you want\\n"; sleep 600',
    )
    cli('default', 'set-option', '-g', 'remain-on-exit', 'on')
    cli('default', 'new-window', '-n', 'w\ttab', 'exit 3')
    cli(
      'gas',
      'new-session',
      '-d',
      '-s',
      'town',
      '-x',
      '70',
      '-y',
      '20',
      'printf "\\033]2;✳ Größe · 修复\\007"; sleep 600',
    )
    writeFileSync(join(sockets, 'not-a-socket'), '')
  })
  afterAll(() => {
    for (const name of ['default', 'gas']) cli(name, 'kill-server')
    rmSync(dir, { recursive: true })
  })

  test('finds both servers, names, a dead pane and unicode titles, although no locale is set', async () => {
    const result = await until(
      () => {
        cli('default', 'run-shell', 'true') // tmux may take a next child's end to notice the first one's
        return collect()
      },
      (seen) =>
        rowsIn(seen, 'pty_panes').some((row) => row.dead_status === 3) &&
        JSON.stringify(rowsIn(seen, 'pty_panes').map((row) => row.title)).includes('修复'),
    )
    expect(result).toMatchObject({ fault: null, partial: false })
    expect(
      rowsIn(result, 'pty_sessions')
        .map((row) => [row.session_name, row.panes])
        .sort(),
    ).toEqual([
      ['one two', 2],
      ['town', 1],
    ])
    const [first, dead, gas] = rowsIn(result, 'pty_panes')
    expect(first?.current_path).toBe(join(dir, 'oddP path'))
    expect(dead).toMatchObject({ dead: true, dead_status: 3, window_name: 'wtab' })
    expect(gas).toMatchObject({ title: '✳ Größe · 修复', socket: join(sockets, 'gas'), width: 70, height: 20 })
    expect(gas?.tty).toMatch(/^pts\/\d+$/)
    expect(Number(gas?.server_pid)).toBe(Number(cli('gas', 'display-message', '-p', '#{pid}')))
  })

  test('captures agents only, once they changed, and carries the screen of a quiet one on', async () => {
    const tty = cli('default', 'display-message', '-p', '-t', '%0', '#{pane_tty}').replace('/dev/', '')
    const noon = new Date('2026-11-20T12:00:00Z')
    const agents = [{ tty, cli: 'claude', detached: false }]
    const first = await until(
      () => collect({ known: { latest_agent_processes: agents }, startedAt: noon }),
      (seen) => Object.keys((cursorsOf(seen).get('settled') ?? {}) as object).length === 2,
    )
    const pane = rowsIn(first, 'pty_panes').find((row) => row.pane_id === '%0' && row.tty === tty)
    expect(pane?.screen_hash).toMatch(/^[0-9a-f]{64}$/)
    expect(rowsIn(first, 'pty_panes').find((row) => row.dead === true)?.screen_hash).toBeNull()
    expect(said()).toContain('Do you want')
    const known = {
      latest_agent_processes: agents,
      latest_pty_panes: rowsIn(first, 'pty_panes').map((row) => ({ ...row, screen_state: 'idle' })),
    }
    const at = new Date(noon.getTime() + 60_000)
    const second = await collect({ known, cursors: cursorsOf(first), startedAt: at })
    expect(said()).not.toContain('Do you want')
    expect(rowsIn(second, 'pty_panes').find((row) => row.tty === tty)).toMatchObject({
      screen_hash: pane?.screen_hash,
      screen_state: 'idle',
      screen_changed_at: pane?.screen_changed_at,
    })
    expect(cursorsOf(second).get('settled')).toEqual(cursorsOf(first).get('settled'))
    const asksAgain = async (over: Partial<ContextOptions>) => {
      await collect({ known, cursors: cursorsOf(first), startedAt: at, ...over })
      return said().includes('Do you want')
    }
    expect(await asksAgain({ startedAt: new Date(noon.getTime() + 3_600_000) })).toBe(true) // readings do not hold for ever
    expect(
      await asksAgain({ known: { ...known, latest_agent_processes: [{ ...agents[0], cli: 'codex' }] as Row[] } }),
    ).toBe(true)
    expect(await asksAgain({})).toBe(false)
    cli('default', 'respawn-pane', '-k', '-t', '%0', 'printf "another screen\\n"; sleep 600')
    const now = cli('default', 'display-message', '-p', '-t', '%0', '#{pane_tty}').replace('/dev/', '')
    const moved = { ...known, latest_agent_processes: [{ ...agents[0], tty: now }] as Row[] }
    const third = await until(
      () => collect({ known: moved, cursors: cursorsOf(first), startedAt: at }),
      (seen) =>
        rowsIn(seen, 'pty_panes').some(
          (row) => row.tty === now && row.screen_hash !== pane?.screen_hash && row.screen_hash !== null,
        ),
    )
    expect(rowsIn(third, 'pty_panes').find((row) => row.tty === now)).toMatchObject({ screen_changed_at: at })
  })

  test('captures every agent, however many panes its server had before: a % in a message is a date to tmux', async () => {
    cli('many', 'new-session', '-d', '-s', 'm', 'printf "words of 0\\n"; sleep 600')
    for (let n = 1; n < 12; n += 1) cli('many', 'new-window', '-t', 'm:', `printf "words of ${n}\\n"; sleep 600`)
    try {
      const ttys = cli('many', 'list-panes', '-s', '-t', 'm', '-F', '#{pane_tty}').replaceAll('/dev/', '').split('\n')
      const known = { latest_agent_processes: ttys.map((tty) => ({ tty, cli: 'claude', detached: false })) as Row[] }
      const result = await until(
        () => collect({ known }),
        () => /words of 11\n/.test(said()) && /words of 0\n/.test(said()),
      )
      const seen = rowsIn(result, 'pty_panes').filter((row) => row.socket === join(sockets, 'many'))
      expect(seen.map((row) => row.pane_id)).toEqual(Array.from({ length: 12 }, (_, n) => `%${n}`))
      expect(seen.filter((row) => row.screen_hash === null)).toEqual([])
    } finally {
      cli('many', 'kill-server')
    }
  })

  test('a socket whose server died is zero sessions, and its panes are cleared', async () => {
    cli('gone', 'new-session', '-d', '-s', 'x', 'sleep 600')
    const alive = await collect()
    expect(rowsIn(alive, 'pty_sessions').map((row) => row.session_name)).toContain('x')
    cli('gone', 'kill-server')
    const after = await until(
      () => collect({ known: { latest_pty_panes: rowsIn(alive, 'pty_panes') } }),
      (seen) => rowsIn(seen, 'pty_sessions').length === 2,
    )
    expect(after.fault).toBeNull()
    expect(after.batches).toContainEqual({ table: 'pty_panes', scope: join(sockets, 'gone'), rows: [] })
  })

  test('no server at all is zero sessions, up', async () => {
    const empty = await tmux.collect(
      contextWith({ run: (ask) => runInShell(ask, { ...env, TMUX_TMPDIR: join(dir, 'nobody') }) }),
    )
    expect(empty).toMatchObject({ fault: null, batches: [] })
  })

  test('no tmux at all is a missing tool', async () => {
    const bare = join(dir, 'bin')
    mkdirSync(bare)
    for (const tool of ['id', 'date', 'awk'])
      execFileSync('ln', ['-s', execFileSync('which', [tool]).toString().trim(), join(bare, tool)])
    const missing = await tmux.collect(
      contextWith({
        run: (ask) => runInShell({ ...ask, script: `PATH=${bare}; ${ask.script.replace(/^PATH=.*$/m, '')}` }, env),
      }),
    )
    expect(missing).toMatchObject({ fault: 'tool_missing', batches: [] })
  })
})

describe('screens of agents', () => {
  test('an approval dialog is read, hashed and kept with the time it was first seen', async () => {
    const screen =
      ' Bash command\n\n   npm run build\n   Build the project\n\n Do you want to proceed?\n ❯ 1. Yes\n   2. No, and tell Claude what to do differently (esc)\n\n Esc to cancel'
    const text = recorded('probe-mixed')
      .toString()
      .replace(/(C\u001f%0\n)[\s\S]*?(@0123456789abcdef C)/, `$1${screen}\n$2`)
    const agents = [{ tty: 'pts/1', cli: 'claude', detached: false }]
    const run = () => answered(text)
    const first = await tmux.collect(contextWith({ run, known: { latest_agent_processes: agents } }))
    const [dialog] = rowsIn(first, 'pending_dialogs')
    expect(dialog).toMatchObject({ pane_id: '%0', first_seen_at: new Date('2026-11-20T12:00:00Z') })
    const pane = rowsIn(first, 'pty_panes')[0]
    expect(pane).toMatchObject({
      screen_cli: 'claude',
      screen_state: 'needs_approval',
      dialog_hash: dialog?.dialog_hash,
    })
    const later = new Date('2026-11-20T12:10:00Z')
    const known = { latest_agent_processes: agents, pending_dialogs: [dialog as Row] }
    const second = await tmux.collect(contextWith({ run, known, startedAt: later }))
    expect(rowsIn(second, 'pending_dialogs')[0]).toMatchObject({
      first_seen_at: dialog?.first_seen_at,
      last_seen_at: later,
    })
  })

  test('a pane with output in the very second of the look is looked at again', async () => {
    const settled = async (activity: string) => {
      const text = recorded('probe-mixed').toString().replaceAll('1795211690', activity)
      const result = await tmux.collect(contextWith({ run: () => answered(text) }))
      return Object.keys(cursorsOf(result).get('settled') as object)
    }
    expect(await settled('1795211690')).toContain('/tmp/tmux-1000/default\u001f%0')
    expect(await settled('1795211693')).not.toContain('/tmp/tmux-1000/default\u001f%0')
  })

  test('one server out of reach is a warning and leaves its panes alone; the only one is a fault', async () => {
    const bad = '@0123456789abcdef S\u001f1\u001f/tmp/tmux-1000/old\nserver version is too old for client\n'
    const text = recorded('probe-mixed')
      .toString()
      .replace(/(?=@0123456789abcdef end)/, bad)
    const known = { latest_pty_panes: [{ socket: '/tmp/tmux-1000/old', pane_id: '%0' }] }
    const mixed = await tmux.collect(contextWith({ run: () => answered(text), known }))
    expect(mixed).toMatchObject({ fault: null, partial: true, warnings: [{ code: 'tmux_server_unseen' }] })
    expect(mixed.batches.map((batch) => batch.scope)).not.toContain('/tmp/tmux-1000/old')
    const alone = `@0123456789abcdef vc-tmux 2 1795211694 /usr/bin/tmux\n${bad}@0123456789abcdef end\n`
    expect(await tmux.collect(contextWith({ run: () => answered(alone), known }))).toMatchObject({
      fault: 'incompatible_version',
      batches: [],
    })
  })

  test('cut off, foreign and failed answers store nothing', async () => {
    const run = (stdout: string | Uint8Array, over = {}) =>
      tmux.collect(contextWith({ run: () => answered(stdout, over) }))
    expect(await run(recorded('probe-truncated'))).toMatchObject({ fault: 'truncated', batches: [] })
    expect(await run('hello\n')).toMatchObject({ fault: 'bad_output', detail: 'hello', batches: [] })
    expect(await run(recorded('probe-mixed'), { fault: 'timeout', detail: '8 s' })).toMatchObject({
      fault: 'timeout',
      batches: [],
    })
  })
})
