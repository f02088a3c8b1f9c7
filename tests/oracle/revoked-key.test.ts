import { expect, test } from 'vitest'
import type { MachineView } from '../../src/oracle/fleet-picture.ts'
import { unreachable } from '../../src/oracle/rules/unreachable.ts'

const offering = (statusReason: string) => {
  const view = {
    machineId: 'atlas',
    enabled: true,
    transportFault: 'host_key_changed',
    transportFailures: 1,
    statusReason,
  }
  return unreachable.judge(view as MachineView, () => false)
}

test('a key that was revoked is not called another key', () => {
  expect(offering('host_key_changed: host key SHA256:a of atlas is revoked')).toMatchObject([
    { subject: 'host_key', severity: 'critical', title: 'atlas offers a host key that is revoked' },
  ])
  expect(offering('host_key_changed: host key SHA256:a of atlas is not the one on file')).toMatchObject([
    { title: 'atlas offers another host key than known_hosts holds' },
  ])
})
