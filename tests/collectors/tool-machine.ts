import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { CollectContext, Collector, CollectResult } from '../../src/core/collector.ts'
import type { Row } from '../../src/core/rows.ts'
import { contextWith, runInShell } from './shell-context.ts'

export interface ToolMachine {
  readonly home: string
  /** A program on the PATH there: POSIX sh. */
  program(name: string, body: string): void
  file(path: string, text: string): void
  /** One look; cursors of the last good one are remembered. */
  look(collector: Collector, over?: Partial<CollectContext>): Promise<CollectResult>
  readonly warnings: string[]
  close(): void
}

/** A home of its own with recorded tools, asked through a real `sh`. Nothing else of this machine's PATH but the system's. */
export const toolMachine = (): ToolMachine => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'vc-tool-')))
  const cursors = new Map<string, unknown>()
  const warnings: string[] = []
  const env = { HOME: home, PATH: `${home}/bin:/usr/bin:/bin`, VC_TEST_HOME: home }
  const file = (path: string, text: string): void => {
    mkdirSync(dirname(join(home, path)), { recursive: true })
    writeFileSync(join(home, path), text)
  }
  return {
    home,
    file,
    warnings,
    program(name, body) {
      file(`bin/${name}`, `#!/bin/sh\n${body}\n`)
      chmodSync(join(home, 'bin', name), 0o755)
    },
    async look(collector, over = {}) {
      const context = contextWith({ run: (ask) => runInShell(ask, env), cursors, warnings })
      const result = await collector.collect({ ...context, ...over })
      for (const { key, value } of result.cursors ?? []) cursors.set(key, value)
      return result
    },
    close: () => rmSync(home, { recursive: true }),
  }
}

/** Rows of one table of a result. */
export const rowsOf = (result: CollectResult, table: string): readonly Row[] =>
  result.batches.filter((batch) => batch.table === table).flatMap(({ rows }) => rows)

const FIXTURES = join(import.meta.dirname, '../fixtures')
export const fixture = (name: string): string => join(FIXTURES, name)
