import { expect, test } from 'vitest'
import { openSecurityWatch } from '../../src/daemon/security.ts'
import { run } from '../queries/seeded-store.ts'

const changed = (detail: string) => run('fenrir', 'probe', 0, [], { up: false, fault: 'host_key_changed', detail })

test('a key that was revoked is called so, by vc and by ssh', () => {
  for (const detail of [
    'host_key_changed: host key SHA256:a of atlas is revoked',
    'WARNING: REVOKED HOST KEY DETECTED!',
  ])
    expect(openSecurityWatch().eventOf(changed(detail))).toMatchObject({ kind: 'host_key_revoked', detail })
  const other = 'host key SHA256:a of revoked.lab is not the one on file'
  expect(openSecurityWatch().eventOf(changed(other))).toMatchObject({ kind: 'host_key_changed' })
})

test('a changed host key is one event, however often it is met, and its end is another', () => {
  const watch = openSecurityWatch()
  expect(watch.eventOf(changed('SHA256:a'))).toMatchObject({ kind: 'host_key_changed', detail: 'SHA256:a' })
  expect(watch.eventOf(changed('SHA256:a'))).toBeNull()
  expect(watch.eventOf(changed('SHA256:b'))).toMatchObject({ detail: 'SHA256:b' })
  expect(watch.eventOf(run('fenrir', 'probe', 0, []))).toMatchObject({ kind: 'host_key_right_again' })
  expect(watch.eventOf(run('fenrir', 'probe', 0, []))).toBeNull()
})
