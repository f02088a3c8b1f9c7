import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LoadedConfig, loadConfig } from '../../src/config/index.ts'
import { silentLog } from '../../src/core/log.ts'
import { openOwnerStore } from '../../src/daemon/owner-store.ts'

let home: string
let loaded: LoadedConfig
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'vc-owner-'))
  loaded = await loadConfig(undefined, { env: {}, home, tmp: home, uid: process.getuid?.() ?? 0, cwd: home })
  mkdirSync(loaded.paths.dataDir, { recursive: true, mode: 0o700 })
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const begin = () => {
  const store = openOwnerStore({ loaded, version: '9.9.9', log: silentLog })
  const order: string[] = []
  void store.underWay.then(() => order.push('under way'))
  return { store, order }
}

test('whoever opens a new file may read on while it is being made, and one that exists at once', async () => {
  for (const run of ['new', 'again']) {
    const { store, order } = begin()
    const opened = await store.opened
    expect([run, order]).toEqual([run, ['under way']])
    await opened.close()
  }
})

test('a file that cannot be opened keeps nobody waiting', async () => {
  rmSync(loaded.paths.dataDir, { recursive: true })
  writeFileSync(loaded.paths.dataDir, 'a file')
  const { store } = begin()
  await store.underWay
  await expect(store.opened).rejects.toThrow()
})
