import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newUser } from './vc-process.ts'

let user: ReturnType<typeof newUser>
beforeEach(() => {
  user = newUser()
})
afterEach(() => user.leave(), 60_000)

const configure = (store: string): void => {
  const file = join(user.home, '.config/vc/vc.toml')
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, `[store]\n${store}\n`, { mode: 0o600 })
}
const backups = (): readonly string[] =>
  readdirSync(join(user.home, '.local/share/vc/backups')).filter((name) => name.endsWith('.duckdb'))

test('how many backups are kept and the room kept free follow SIGHUP; a refused configuration changes neither', {
  timeout: 180_000,
}, async () => {
  configure('backup_keep = 3\nmin_free_bytes = 0')
  const daemon = user.start('daemon')
  await daemon.until(/answering on/)
  for (const _ of [1, 2]) expect(await user.vc('db', 'backup')).toMatchObject({ code: 0 })
  expect(backups()).toHaveLength(2)
  configure('backup_keep = 1\nmin_free_bytes = "much"')
  daemon.child.kill('SIGHUP')
  await daemon.until(/refused and the old one stays/)
  configure('backup_keep = 1\nmin_free_bytes = 0')
  expect(await user.vc('db', 'backup')).toMatchObject({ code: 0 })
  // Written, but not taken in force yet.
  expect(backups()).toHaveLength(3)
  daemon.child.kill('SIGHUP')
  await daemon.until(/configuration reloaded/)
  expect(await user.vc('db', 'backup')).toMatchObject({ code: 0 })
  expect(backups()).toHaveLength(1)
  configure(`min_free_bytes = ${Number.MAX_SAFE_INTEGER}`)
  daemon.child.kill('SIGHUP')
  await daemon.until(/configuration reloaded[\s\S]*configuration reloaded/)
  expect(await user.vc('db', 'backup')).not.toMatchObject({ code: 0 })
  daemon.child.kill('SIGTERM')
  expect(await daemon.ended).toBe(0)
})
