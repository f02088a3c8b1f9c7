import { expect, test } from 'vitest'
import { machineRow, type ProbeFacts, type WayFacts } from '../../src/daemon/machine-rows.ts'
import type { MachineState } from '../../src/queries/picture.ts'

const NOW = new Date('2026-11-20T12:00:00.000Z')
const before = (seconds: number): string => new Date(NOW.getTime() - seconds * 1000).toISOString()

const facts: ProbeFacts = {
  hostname: 'atlas', os: 'Linux', osVersion: 'Debian 12', kernel: '6.1', bootId: 'b1', cores: 8, skewMs: 12.4,
} // biome-ignore format: a row
const way: WayFacts = { transport: 'ssh2', loginMs: 310, transportFailures: 0 }

const state = (row: Record<string, unknown> = {}, view: Record<string, unknown> = {}): MachineState =>
  ({
    machine: {
      machine_id: 'atlas', status: 'online', status_reason: null, consecutive_failures: 0, transport: 'ssh2',
      hostname: 'atlas', os: 'Linux', os_version: 'Debian 12', kernel: '6.1', boot_id: 'b1', cores: 8,
      clock_skew_ms: 12, login_ms: 310, last_attempt_at: before(20), ...row,
    }, // biome-ignore format: a row
    view: { status: 'online', statusReason: null, transportFailures: 0, ageS: 3, ...view },
    lastSeen: before(3),
  }) as unknown as MachineState

test('nothing is written while nothing changed, but once a minute the times are', () => {
  expect(machineRow(state(), facts, way, NOW)).toBeNull()
  expect(machineRow(state({ last_attempt_at: before(60) }), facts, way, NOW)).toMatchObject({
    machine_id: 'atlas',
    last_attempt_at: NOW,
    last_ok_at: new Date(before(3)),
    clock_skew_ms: 12,
  })
})

test('a change of status, identity or way is written at once', () => {
  expect(machineRow(state({}, { status: 'offline', statusReason: 'refused' }), facts, way, NOW)).toMatchObject({
    status: 'offline',
    status_reason: 'refused',
  })
  expect(machineRow(state(), { ...facts, bootId: 'b2' }, way, NOW)).toMatchObject({ boot_id: 'b2' })
  expect(machineRow(state(), facts, { ...way, transport: 'openssh' }, NOW)).toMatchObject({ transport: 'openssh' })
})

test('clock and login time tremble with every look and are no reason to write', () => {
  expect(machineRow(state(), { ...facts, skewMs: 40 }, { ...way, loginMs: 500 }, NOW)).toBeNull()
})

test('what this process never measured does not overwrite what another did', () => {
  const row = machineRow(state({ last_attempt_at: null }), null, { ...way, loginMs: null }, NOW)
  expect(row).not.toBeNull()
  for (const name of ['login_ms', 'hostname', 'boot_id', 'cores']) expect(row).not.toHaveProperty(name)
})

test('a machine that never answered has no time of a last answer', () => {
  expect(machineRow(state({ last_attempt_at: null }, { ageS: null }), null, null, NOW)).toMatchObject({
    last_ok_at: null,
  })
})
