import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach } from 'vitest'
import { type Sqlite, TestMachine, withNode } from './machine.ts'

/** A home for each test of a file, and where OpenCode keeps its database there. */
export const opencodeHome = () => {
  let home = ''
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'vc-oc-'))
  })
  afterEach(() => rmSync(home, { recursive: true, force: true }))
  const dataDir = (): string => join(home, '.local/share/opencode')
  return {
    get dataDir(): string {
      return dataDir()
    },
    machine: (sqlite: Sqlite = withNode): TestMachine =>
      new TestMachine({ PATH: process.env.PATH, HOME: home }, sqlite),
    change: (sql: string, ...values: (string | number)[]): void => {
      const db = new DatabaseSync(join(dataDir(), 'opencode.db'))
      db.prepare(sql).run(...values)
      db.close()
    },
  }
}
