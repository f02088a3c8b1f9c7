import fs, { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type MockInstance, onTestFinished, vi } from 'vitest'
import { FolderWatches, type WatchSystem } from '../../src/transport/workers/folder-watches.ts'
import { Folders } from '../../src/transport/workers/folders.ts'
import { createJobIo } from '../../src/transport/workers/job-io.ts'

const EXT = 0xef53
/** However long the test took: files are stamped by the real clock. */
export const HOUR_MS = 3_600_000
const FILES = ['a.jsonl', 'busy/b.jsonl', 'busy/deep/c.jsonl', 'calm/d.jsonl', 'calm/deep/e.jsonl']
/** `root`, `busy`, `busy/deep`, `calm`, `calm/deep`, `empty`. */
export const FOLDERS = 6

/** What a listing costs when nothing changed: whether its root is still the same. */
export const ONE_STAT = { statSync: 1, lstatSync: 0, readdirSync: 0 }

const CALLS = ['statSync', 'lstatSync', 'readdirSync'] as const

/** The function as everybody in this process calls it. */
export const spyOnFs = <Name extends keyof typeof fs>(name: Name): MockInstance => {
  const spy = vi.spyOn(fs, name as never) as unknown as MockInstance
  syncBuiltinESMExports()
  onTestFinished(() => {
    spy.mockRestore()
    syncBuiltinESMExports()
  })
  return spy
}

/** A history of files on the real disk, listed by a thread whose time a test moves on. */
export const watchedTree = (options: { readonly most?: number; readonly system?: Partial<WatchSystem> } = {}) => {
  const dir = mkdtempSync(join(tmpdir(), 'vc-watched-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const root = join(dir, 'root')
  const at = (...path: string[]): string => join(root, ...path)
  for (const file of FILES) {
    mkdirSync(dirname(at(file)), { recursive: true })
    writeFileSync(at(file), 'one\n')
  }
  mkdirSync(at('empty'))

  const madeAtMs = Date.now()
  let aheadMs = 0
  const clock = { wall: () => madeAtMs + aheadMs, now: () => aheadMs }
  const system = { kindAt: () => EXT, now: clock.now, ...options.system }
  const watches = new FolderWatches({ system, ...(options.most === undefined ? {} : { most: options.most }) })
  const folders = new Folders({ clock, watches })
  const io = createJobIo({ folders })
  const request = { root, accept: (name: string) => name.endsWith('.jsonl'), maxDepth: 6 }
  const tree = {
    dir,
    root,
    at,
    folders,
    clock,
    watched: () => watches.open,
    later: (ms: number) => {
      aheadMs += ms
    },
    /** One question that lists, and what the thread does afterwards. */
    listing: (from = root, ownerUid?: number) => {
      folders.asked()
      const walk = io.walk({ ...request, root: from, ...(ownerUid === undefined ? {} : { ownerUid }) })
      folders.rest()
      while (folders.watchSome(2));
      return walk
    },
    /** As one sees it who remembers nothing. */
    truth: () => createJobIo({ folders: new Folders({ mostAgeMs: 0 }) }).walk(request),
    /** Nobody wrote for long; then listings as often as it takes until all is known. */
    settle: () => {
      tree.later(HOUR_MS)
      for (let n = 0; n < 3; n++) tree.listing()
    },
    /** What watchers have to tell is told, as before each question to a thread. */
    hear: async () => {
      await setImmediate()
      await setImmediate()
    },
    /** How often the system was asked while that was done. */
    asked: (what: () => unknown): Record<string, number> => {
      const spies = CALLS.map((name) => spyOnFs(name))
      what()
      const counts = CALLS.map((name, n) => [name, spies[n]?.mock.calls.length ?? -1])
      for (const spy of spies) spy.mockRestore()
      syncBuiltinESMExports()
      return Object.fromEntries(counts)
    },
  }
  return tree
}
