import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { titledPanes, titleRow, titleRows } from '../../../src/collectors/live/titles.ts'
import type { Row } from '../../../src/core/rows.ts'
import { hasProgram } from '../../programs.ts'
import { contextWith, runInShell } from '../shell-context.ts'

const NOW = new Date('2026-11-20T12:00:00Z')
const EARLIER = new Date('2026-11-20T11:59:50Z')

const agent = (over: Row = {}): Row => ({ cli: 'codex', pid: 7, root_pid: 7, tty: 'pts/4', ...over })
const paneRow = (over: Row = {}): Row => ({
  socket: '/run/tmux-1/default', server_start_epoch_s: 1_795_000_000n, pane_id: '%3', tty: '/dev/pts/4', current_path: '/w/app', ...over,
}) // biome-ignore format: one row

const paneOf = (over: Row = {}) => titledPanes([agent()], [paneRow(over)])[0] as ReturnType<typeof titledPanes>[number]

test('only panes in which a CLI speaks by its title are asked', () => {
  expect(paneOf().key).toBe('/run/tmux-1/default:1795000000:%3')
  expect(titledPanes([agent({ cli: 'claude' })], [paneRow()])).toEqual([])
  expect(titledPanes([agent({ tty: 'pts/9' })], [paneRow()])).toEqual([])
  expect(titledPanes([agent()], [paneRow({ gone: true })])).toEqual([])
})

test('a title stands since it was first seen, and a new one since now', () => {
  const first = titleRow(paneOf(), '⠋ app', [], EARLIER)
  expect(first).toMatchObject({ says: 'working', pane_key: paneOf().key, as_of: EARLIER })
  expect(titleRow(paneOf(), '⠙ app', [first], NOW).as_of).toEqual(EARLIER)
  expect(titleRow(paneOf(), '[ ! ] Action Required | app', [first], NOW)).toMatchObject({
    says: 'needs_approval',
    as_of: NOW,
  })
  expect(titleRow(paneOf(), 'something else', [first], NOW)).toMatchObject({ says: 'unknown', as_of: NOW })
})

test('since when a title says so is known where its change was seen, and nowhere else', () => {
  const looked = (row: Row, at: Date): Row => ({ ...row, collected_at: at })
  const first = looked(titleRow(paneOf(), '⠋ app', [], EARLIER), EARLIER)
  expect(first.since).toBeNull()
  expect(titleRow(paneOf(), '⠙ app', [first], NOW).since).toBeNull()
  const asks = '[ ! ] Action Required | app'
  const changed = looked(titleRow(paneOf(), asks, [first], NOW), NOW)
  expect(changed.since).toEqual(NOW)
  const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1_000)
  expect(titleRow(paneOf(), asks, [changed], later(2)).since).toEqual(NOW)
  // a pause between two looks may have seen an answer and another question
  expect(titleRow(paneOf(), asks, [changed], later(600)).since).toBeNull()
  expect(titleRow(paneOf(), '⠋ app', [changed], later(600)).since).toBeNull()
})

test.runIf(hasProgram('tmux'))('a real server is asked for its titles, blanks and all', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'vc-titles-'))
  const socket = join(dir, 's')
  const tmux = (...args: string[]): string =>
    spawnSync('tmux', ['-S', socket, '-f', '/dev/null', ...args], { encoding: 'utf8' }).stdout.trim()
  try {
    tmux('new-session', '-d', '-s', 'a', 'sleep 60')
    tmux('select-pane', '-t', 'a', '-T', '[ ! ] Action Required | my app')
    const [startS, paneId, tty] = tmux('list-panes', '-a', '-F', '#{start_time} #{pane_id} #{pane_tty}').split(' ')
    const pane = paneRow({ socket, server_start_epoch_s: BigInt(startS ?? 0), pane_id: paneId ?? '', tty: tty ?? '' })
    const base = contextWith({ run: (ask) => runInShell(ask, { PATH: process.env.PATH ?? '' }) })
    const rows = await titleRows(
      {
        ...base,
        machine: { ...base.machine, local: true, tools: new Map([['tmux', 'tmux']]) },
        startedAt: NOW,
        known: async (table) => (table === 'latest_pty_panes' ? [pane] : [agent({ tty: tty ?? '' })]),
      },
      [],
    )
    expect(rows).toMatchObject([{ cli: 'codex', says: 'needs_approval', sighting_source: 'codex.title' }])
  } finally {
    tmux('kill-server')
    rmSync(dir, { recursive: true, force: true })
  }
})

test('a tmux that does not answer in time leaves the titles as they were last seen', async () => {
  const before = {
    ...titleRow(paneOf(), '⠋ app', [], EARLIER),
    collected_at: EARLIER,
    machine_id: 'atlas',
    gone: false,
  }
  const left = { ...before, pane_key: '/run/tmux-1/default:1795000000:%4' }
  const base = contextWith({
    run: async () => ({ ...(await runInShell({ script: 'exit 0' })), fault: 'timeout' as const, detail: 'late' }),
    known: { latest_agent_processes: [agent()], latest_pty_panes: [paneRow()] },
  })
  const ctx = { ...base, machine: { ...base.machine, tools: new Map([['tmux', '/usr/bin/tmux']]) } }
  const { collected_at, machine_id, ...own } = before
  expect(await titleRows(ctx, [before, left])).toEqual([own])
})
