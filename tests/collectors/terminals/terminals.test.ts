import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { terminals } from '../../../src/collectors/terminals/index.ts'
import type { Row } from '../../../src/core/rows.ts'
import { answered, contextWith } from '../shell-context.ts'

const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/terminals/${name}.txt`, import.meta.url)).toString()

const agent = (pid: number, tty: string | null, start: number, over: Row = {}): Row => ({
  pid,
  root_pid: pid,
  start_ticks: BigInt(start),
  tty,
  cli: 'claude',
  cwd: '/srv/code/shop',
  detached: false,
  gone: false,
  ...over,
})

const look = async (stdout: string, agents: readonly Row[], panes: readonly Row[] = []) => {
  const asked: (readonly string[])[] = []
  const result = await terminals.collect(
    contextWith({
      run: (ask) => {
        asked.push(ask.args ?? [])
        return answered(stdout)
      },
      known: { latest_agent_processes: agents, latest_pty_panes: panes },
    }),
  )
  const rows = (table: string) => result.batches.flatMap((batch) => (batch.table === table ? batch.rows : []))
  return { asked, result, panes: rows('pty_panes'), sessions: rows('pty_sessions') }
}

test('an agent in a detached GNU screen is a pane of that screen, in its window', async () => {
  const { panes, sessions } = await look(fixture('screen'), [agent(13405, 'pts/0', 1246788)])
  const place = { socket: 'screen:/run/screen/S-dev/13402.night work', server_pid: 13402 }
  expect(sessions).toMatchObject([
    { ...place, session_id: '13402.night work', session_name: 'night work', attached_clients: 0 },
  ])
  expect(panes).toMatchObject([
    {
      ...place,
      pane_id: 'pts/0:13404:1246780',
      window_index: 2,
      pane_pid: 13404,
      tty: 'pts/0',
      current_command: 'claude',
    },
  ])
  expect(panes[0]).toMatchObject({ current_path: '/srv/code/shop', title: null, width: null, dead: false, gone: false })
})

test('an attached screen has clients, but nobody knows how many', async () => {
  const text = fixture('screen').replace('S\t13402\t0', 'S\t13402\t1')
  expect((await look(text, [agent(13405, 'pts/0', 1246788)])).sessions).toMatchObject([{ attached_clients: null }])
})

test('an agent in zellij is a pane of that session', async () => {
  const { panes, sessions } = await look(fixture('zellij'), [agent(2210, 'pts/1', 90210)])
  expect(sessions).toMatchObject([
    { socket: 'zellij:/run/user/1000/zellij/0.43.1/brave-lion', session_name: 'brave-lion', panes: null },
  ])
  expect(panes).toMatchObject([{ pane_id: 'pts/1:2205:90180', pane_index: 4 }])
})

test('a plain terminal is known by boot, terminal and leader; one inside tmux is left to tmux', async () => {
  const { panes, sessions } = await look(fixture('plain-and-tmux'), [
    agent(13473, 'pts/2', 1246897),
    agent(700, 'pts/4', 5100),
  ])
  expect(panes).toMatchObject([
    {
      socket: 'pty:e8a7bedb-4daa-473f-8ccc-4f0104bf35ed',
      pane_id: 'pts/2:13472:1246890',
      server_pid: null,
      session_name: 'sshd',
      attached_clients: null,
    },
  ])
  expect(sessions).toHaveLength(1)
})

test('two agents on one terminal are one pane', async () => {
  const twice = `${fixture('screen').replace('end\n', '')}${fixture('screen').split('\n').slice(1).join('\n').replaceAll('\t13405\t13405\t', '\t13500\t13500\t').replaceAll('C\t13405', 'C\t13500').replaceAll('1246788', '1250000')}`
  const { panes } = await look(twice, [agent(13405, 'pts/0', 1246788), agent(13500, 'pts/0', 1250000)])
  expect(panes.map((row) => row.pane_id)).toEqual(['pts/0:13404:1246780'])
})

test.each([
  ['all agents sit in tmux', [agent(1, 'pts/0', 5)], [{ source: 'tmux', tty: 'pts/0', dead: false }]],
  ['agents have no terminal', [agent(1, null, 5)], []],
  ['the only one is a background server', [agent(1, 'pts/0', 5, { detached: true })], []],
  ['the only process is not the root of a session', [agent(2, 'pts/0', 5, { root_pid: 1 })], []],
  ['there are none', [], []],
] as const)('nothing is asked where %s, and the old picture is emptied', async (_, agents, panes) => {
  const { asked, result } = await look('', agents, panes)
  expect(asked).toEqual([])
  expect(result.batches).toEqual([])
  const old = [...panes, { source: 'terminals', tty: 'pts/7', dead: false }]
  expect((await look('', agents, old)).result.batches).toEqual([
    { table: 'pty_sessions', rows: [] },
    { table: 'pty_panes', rows: [] },
  ])
})

test('its own panes of the last look do not make an agent count as seated in tmux', async () => {
  const own = { source: 'terminals', tty: 'pts/0', dead: false }
  expect((await look(fixture('screen'), [agent(13405, 'pts/0', 1246788)], [own])).panes).toHaveLength(1)
})

test('a pid that belongs to another process by now, or a moved terminal, is no pane', async () => {
  expect((await look(fixture('screen'), [agent(13405, 'pts/0', 99)])).panes).toEqual([])
  expect((await look(fixture('screen'), [agent(13405, 'pts/9', 1246788)])).panes).toEqual([])
})

test.each([
  ['', 'bad_output'],
  ['no such thing\n', 'bad_output'],
  [fixture('screen').replace('end\n', ''), 'truncated'],
] as const)('%j is a fault and no row', async (text, fault) => {
  const { result } = await look(text, [agent(13405, 'pts/0', 1246788)])
  expect(result).toMatchObject({ batches: [], fault })
})

test('hostile lines make no row and no harm', async () => {
  const hostile = [
    'vc-terminals 1\tLinux\t-',
    'C\t7\t7\t6\t6\t34816\t5\t\u001b]2;x\u0007evil\tcomm',
    `C\t7\t${'9'.repeat(400)}\t1\t1\t0\t5\tx`,
    'C\t7\t6\tNaN\t-1\t1e999\t\tx',
    'C\t7\t5\t4\t4\t-1\t2\tlogin',
    'S\tx\t0\t/tmp/a',
    `Z\t5\t${'z'.repeat(10_000_000)}`,
    'W\t7\tWINDOW\t-3',
    'end\n',
  ].join('\n')
  const { panes } = await look(hostile, [agent(7, 'pts/0', 5)])
  expect(panes).toMatchObject([
    { socket: 'pty:', pane_id: 'pts/0:7:5', current_command: ']2;xevilcomm', session_name: 'login' },
  ])
})
