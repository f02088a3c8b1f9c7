import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import type { Surroundings } from '../../src/config/index.ts'

/** A home for each test of a file, with one machine in its vc.toml; where the test stands. */
export const scratchHome = (): (() => Surroundings) => {
  let home = ''
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'vc-cli-'))
    mkdirSync(join(home, '.config/vc'), { recursive: true })
    writeFileSync(join(home, '.config/vc/vc.toml'), '[[machines]]\nid = "atlas"\nssh = "ann@atlas"\n', { mode: 0o600 })
  })
  afterEach(() => rmSync(home, { recursive: true, force: true }))
  return () => ({ env: {}, home, tmp: home, uid: process.getuid?.() ?? 0, cwd: home })
}
