import { execFileSync } from 'node:child_process'
import fs, { appendFileSync, type FSWatcher, linkSync, rmdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FOLDERS, HOUR_MS, ONE_STAT, spyOnFs, watchedTree } from './watched-tree.ts'

describe.runIf(process.platform === 'linux')('watched folders', () => {
  test('from its third listing on, a history at rest costs one look at its root', () => {
    const tree = watchedTree()
    tree.later(HOUR_MS)
    tree.listing()
    expect(tree.watched()).toBe(0)
    tree.listing()
    expect(tree.watched()).toBe(FOLDERS)
    expect(tree.asked(() => tree.listing())).toEqual({ statSync: FOLDERS, lstatSync: 5, readdirSync: 0 })
    expect(tree.asked(() => tree.listing())).toEqual(ONE_STAT)
    expect(tree.listing()).toEqual(tree.truth())
  })

  test('one question that lists twice is no second listing, nor is one after more than a minute', () => {
    const tree = watchedTree()
    tree.later(HOUR_MS)
    const { folders, root } = tree
    folders.asked()
    for (let n = 0; n < 2; n++) folders.look(root)
    folders.rest()
    expect([folders.watchSome(50), tree.watched()]).toEqual([false, 0])
    const watched = [60_000, 60_000, 59_000].map((ms) => {
      tree.later(ms)
      tree.listing()
      return tree.watched()
    })
    expect(watched).toEqual([0, 0, FOLDERS])
  })

  test('a file of somebody else is refused from memory as from the disk', () => {
    const tree = watchedTree()
    tree.settle()
    const ownerUid = (process.getuid?.() ?? 0) + 1
    expect(tree.asked(() => expect(tree.listing(undefined, ownerUid).files).toEqual([]))).toEqual(ONE_STAT)
    expect(tree.listing(undefined, ownerUid).refused.map(({ why }) => why)).toEqual(Array(5).fill('foreign_owner'))
  })

  test('a folder that is written to is left alone until it is quiet for a minute; others go on', async () => {
    const tree = watchedTree()
    tree.settle()
    const opened = spyOnFs('watch')
    const write = (): void => {
      appendFileSync(tree.at('busy/b.jsonl'), 'line\n')
      utimesSync(tree.at('busy/b.jsonl'), tree.clock.wall() / 1000, tree.clock.wall() / 1000)
    }
    for (let n = 0; n < 8; n++) {
      tree.later(15_000)
      write()
      await tree.hear()
      expect([tree.watched(), tree.listing()]).toEqual([FOLDERS - 1, tree.truth()])
      tree.listing()
      expect(tree.watched()).toBe(FOLDERS - 1)
    }
    expect(opened).not.toHaveBeenCalled()
    tree.later(59_000)
    tree.listing()
    expect(tree.watched()).toBe(FOLDERS - 1)
    tree.later(2_000)
    tree.listing()
    expect(tree.watched()).toBe(FOLDERS)
    expect(opened.mock.calls.map(([path]) => path)).toEqual([tree.at('busy')])
  })

  test('what is written beside the files that are asked for wakes a thread once a minute', async () => {
    const tree = watchedTree()
    tree.settle()
    appendFileSync(tree.at('busy/notes.txt'), 'line\n')
    await tree.hear()
    const watched = [59_000, 2_000].map((ms) => {
      tree.later(ms / 2)
      tree.listing()
      tree.later(ms / 2)
      tree.listing()
      return tree.watched()
    })
    expect(watched).toEqual([FOLDERS - 1, FOLDERS])
  })

  test('what no watcher hears of is seen after five minutes, and the folder stays watched', async () => {
    const tree = watchedTree()
    const elsewhere = join(tree.dir, 'another-name')
    linkSync(tree.at('busy/b.jsonl'), elsewhere)
    tree.settle()
    const before = tree.listing()
    appendFileSync(elsewhere, 'two\n')
    await tree.hear()
    tree.later(299_000)
    expect(tree.listing()).toEqual(before)
    tree.later(1_000)
    const opened = spyOnFs('watch')
    expect(tree.listing()).toEqual(tree.truth())
    expect(tree.truth()).not.toEqual(before)
    expect(tree.asked(() => tree.listing())).toEqual(ONE_STAT)
    expect([opened.mock.calls.length, tree.watched()]).toEqual([0, FOLDERS])
  })

  test('what a full queue of the system swallowed is seen after five minutes', () => {
    const tree = watchedTree({ system: { watch: () => ({ close: () => undefined }) } })
    tree.settle()
    const before = tree.listing()
    appendFileSync(tree.at('a.jsonl'), 'two\n')
    writeFileSync(tree.at('calm/new.jsonl'), '')
    rmSync(tree.at('busy/deep'), { recursive: true })
    expect(tree.listing()).toEqual(before)
    tree.later(300_000)
    expect(tree.listing()).toEqual(tree.truth())
    expect(tree.truth()).not.toEqual(before)
  })

  test('who asks no more for a folder keeps no watcher: after two minutes of other questions it is closed', () => {
    const tree = watchedTree()
    tree.settle()
    tree.later(119_000)
    tree.listing(tree.at('calm'))
    expect(tree.watched()).toBe(FOLDERS)
    tree.later(2_000)
    tree.listing(tree.at('calm'))
    expect(tree.watched()).toBe(2)
    tree.later(121_000)
    tree.folders.asked()
    tree.folders.rest()
    expect(tree.watched()).toBe(0)
  })

  test('a watcher that fails is closed, and its folder is looked at, and which one lies in it', () => {
    const tree = watchedTree()
    const opened = spyOnFs('watch')
    tree.settle()
    const busy = opened.mock.calls.findIndex(([path]) => path === tree.at('busy'))
    const watcher = opened.mock.results[busy]?.value as FSWatcher
    watcher.emit('error', new Error('EIO'))
    expect(tree.watched()).toBe(FOLDERS - 1)
    expect(tree.asked(() => tree.listing())).toEqual({ statSync: 3, lstatSync: 1, readdirSync: 1 })
  })

  test('a folder that goes away before it is watched keeps no other from it', () => {
    const tree = watchedTree()
    tree.later(HOUR_MS)
    tree.listing()
    tree.folders.asked()
    tree.folders.look(tree.root)
    tree.folders.look(tree.at('empty'))
    tree.folders.rest()
    rmdirSync(tree.at('empty'))
    expect([tree.folders.watchSome(1), tree.folders.watchSome(1)]).toEqual([true, false])
    tree.listing()
    expect(tree.watched()).toBe(FOLDERS - 1)
  })

  test('no more folders are watched than there is room for', () => {
    const tree = watchedTree({ most: 4 })
    tree.settle()
    expect(tree.watched()).toBe(4)
    expect(tree.listing()).toEqual(tree.truth())
  })

  test.each(['ENOSPC', 'EMFILE'])('%s: all are given back, and for ten minutes everything is looked at', (code) => {
    const tree = watchedTree()
    const open = fs.watch
    const opened = spyOnFs('watch')
    opened.mockImplementation((...given: Parameters<typeof open>) => {
      if (opened.mock.calls.length === 4) throw Object.assign(new Error(code), { code })
      return open(...given)
    })
    tree.settle()
    expect([tree.watched(), opened.mock.calls.length]).toEqual([0, 4])
    appendFileSync(tree.at('busy/b.jsonl'), 'two\n')
    expect(tree.listing()).toEqual(tree.truth())
    tree.later(9 * 60_000)
    for (let n = 0; n < 3; n++) tree.listing()
    expect(opened).toHaveBeenCalledTimes(4)
    tree.later(61_000)
    for (let n = 0; n < 3; n++) tree.listing()
    expect(tree.watched()).toBe(FOLDERS)
    expect(tree.asked(() => tree.listing())).toEqual(ONE_STAT)
    expect(tree.listing()).toEqual(tree.truth())
  })

  test('of a file system that is not of this machine no change is told: it is asked once, and looked at each time', () => {
    const asked: string[] = []
    const kindAt = (path: string): number => {
      asked.push(path)
      return 0x6969
    }
    const tree = watchedTree({ system: { kindAt } })
    tree.settle()
    tree.settle()
    expect([tree.watched(), asked]).toEqual([0, [tree.root]])
    expect(tree.asked(() => tree.listing())).toMatchObject({ statSync: FOLDERS, lstatSync: 5 })
  })

  test('nowhere but on Linux a folder is watched', () => {
    const tree = watchedTree({ system: { platform: 'darwin' } })
    tree.settle()
    expect(tree.watched()).toBe(0)
  })

  test('an open watcher does not keep its thread', () => {
    const tree = watchedTree()
    const entry = new URL('../../src/transport/workers/folder-watches.ts', import.meta.url).href
    const code = `const { FolderWatches } = await import(${JSON.stringify(entry)})
      const watches = new FolderWatches({ system: { kindAt: () => 0xef53 } })
      watches.watch(${JSON.stringify(tree.root)}, 1, () => {})
      console.log(watches.open)`
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', code], { timeout: 30_000 })
    expect(String(said).trim()).toBe('1')
  })
})
