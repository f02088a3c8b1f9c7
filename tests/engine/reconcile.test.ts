import { describe, expect, test } from 'vitest'
import type { HostPane } from '../../src/core/session-host.ts'
import { type Expected, reconcile } from '../../src/engine/reconcile.ts'

const pane = (over: Partial<HostPane['ref']> = {}, more: Partial<HostPane> = {}): HostPane => ({
  ref: {
    machineId: 'm',
    socket: '/s',
    serverPid: 1,
    serverStartS: 7,
    paneId: '%1',
    pid: 40,
    startTicks: 4000,
    ...over,
  },
  ...{
    sessionName: 'vc-a',
    title: '',
    command: 'sh',
    cwd: '/',
    tty: null,
    dead: null,
    activityS: null,
    createdS: null,
  },
  ...{ historySize: 0, cursor: { x: 0, y: 0 }, alternateOn: false, inMode: false, cols: 80, rows: 24, clients: [] },
  tags: { agent: 'm/a', launch: '2' },
  ...more,
})
const expected = (over: Partial<Expected> = {}): Expected => ({
  agentId: 'm/a',
  place: { socket: '/s', serverStartS: 7, paneId: '%1', pid: 40, startTicks: 4000 },
  launch: '2',
  bootId: 'boot',
  ...over,
})
const verdict = (one: Expected, panes: readonly HostPane[], boot: string | null): string =>
  reconcile([one], panes, boot)[0]?.is ?? 'none'

describe('what a list of terminals says about an agent', () => {
  test('the same terminal with the same process is alive; a dead one ended and says how', () => {
    expect(verdict(expected(), [pane()], 'boot')).toBe('alive')
    const dead = pane({}, { dead: { status: 3, signal: null, atS: null } })
    expect(reconcile([expected()], [dead], null)).toMatchObject([
      { is: 'ended', why: expect.stringContaining('exit 3') },
    ])
  })

  test('the same number on a new server, or another process in it, is not the agent', () => {
    expect(verdict(expected(), [pane({ serverStartS: 8 })], 'boot')).toBe('ended')
    expect(verdict(expected(), [pane({ pid: 41 })], 'boot')).toBe('ended')
    expect(verdict(expected(), [pane({ startTicks: 1 })], 'boot')).toBe('ended')
  })

  test('a missing one ended on the same boot, is lost on another, and unknown where the boot is not known', () => {
    expect(verdict(expected(), [], 'boot')).toBe('ended')
    expect(verdict(expected(), [], 'next boot')).toBe('lost')
    expect(verdict(expected(), [], null)).toBe('unknown')
  })

  test('one without a place is found by its tags, those of an older start are not it', () => {
    expect(verdict(expected({ place: null }), [pane()], null)).toBe('alive')
    expect(verdict(expected({ place: null, launch: '3' }), [pane()], 'boot')).toBe('ended')
  })
})
