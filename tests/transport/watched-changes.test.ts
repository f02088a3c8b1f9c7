import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { ONE_STAT, watchedTree } from './watched-tree.ts'

type Tree = ReturnType<typeof watchedTree>

const HERE = process.cwd()
afterEach(() => process.chdir(HERE))

describe.runIf(process.platform === 'linux')('of watched folders', () => {
  const changes: readonly (readonly [string, (tree: Tree) => void])[] = [
    ['a file that grew', ({ at }) => appendFileSync(at('busy/b.jsonl'), 'two\n')],
    ['a file that was cut', ({ at }) => truncateSync(at('busy/deep/c.jsonl'), 1)],
    ['a file with another time', ({ at }) => utimesSync(at('calm/d.jsonl'), 7, 7)],
    ['a new file', ({ at }) => writeFileSync(at('busy/new.jsonl'), '')],
    ['a new file in the root', ({ at }) => writeFileSync(at('new.jsonl'), '')],
    ['a file that is gone', ({ at }) => rmSync(at('calm/deep/e.jsonl'))],
    ['a file with another name', ({ at }) => renameSync(at('busy/b.jsonl'), at('busy/z.jsonl'))],
    ['a file in another folder', ({ at }) => renameSync(at('busy/b.jsonl'), at('calm/b.jsonl'))],
    [
      'a file that took the place of another',
      ({ at, dir }) => {
        writeFileSync(join(dir, 'other'), 'another\n')
        renameSync(join(dir, 'other'), at('busy/b.jsonl'))
      },
    ],
    [
      'a file that is a link now',
      ({ at }) => {
        rmSync(at('busy/b.jsonl'))
        symlinkSync('/etc/passwd', at('busy/b.jsonl'))
      },
    ],
    [
      'a new folder with a file',
      ({ at }) => {
        mkdirSync(at('busy/deep/deeper'))
        writeFileSync(at('busy/deep/deeper/f.jsonl'), '')
      },
    ],
    ['a folder with another name', ({ at }) => renameSync(at('busy'), at('idle'))],
    ['a folder that is gone', ({ at }) => rmSync(at('calm'), { recursive: true })],
    [
      'a folder that took the place of an empty one',
      ({ at, dir }) => {
        mkdirSync(join(dir, 'other'))
        writeFileSync(join(dir, 'other', 'f.jsonl'), '')
        renameSync(join(dir, 'other'), at('empty'))
      },
    ],
    [
      'a folder above that took the place of another, with the same names below',
      ({ at, dir }) => {
        mkdirSync(join(dir, 'other', 'deep'), { recursive: true })
        writeFileSync(join(dir, 'other', 'b.jsonl'), 'another')
        writeFileSync(join(dir, 'other', 'deep', 'c.jsonl'), 'another')
        renameSync(at('busy'), join(dir, 'away'))
        renameSync(join(dir, 'other'), at('busy'))
      },
    ],
    [
      'a root that was replaced through a folder above it, which nobody watches',
      ({ dir }) => {
        renameSync(dir, `${dir}-away`)
        mkdirSync(join(dir, 'root', 'busy'), { recursive: true })
        writeFileSync(join(dir, 'root', 'busy', 'b.jsonl'), 'another')
        rmSync(`${dir}-away`, { recursive: true })
      },
    ],
    [
      // Its own watcher hears of that only when nobody stands in it any more.
      'a folder that was removed under somebody who works in it, and made anew',
      ({ at }) => {
        process.chdir(at('empty'))
        rmdirSync(at('empty'))
        mkdirSync(at('empty'))
        writeFileSync(at('empty/f.jsonl'), '')
      },
    ],
  ]
  test.each(changes)('%s is seen at the next listing', async (_what, change) => {
    const tree = watchedTree()
    tree.settle()
    const before = tree.listing()
    expect(tree.asked(() => tree.listing())).toEqual(ONE_STAT)
    change(tree)
    const truth = tree.truth()
    expect(truth).not.toEqual(before)
    await tree.hear()
    expect(tree.listing()).toEqual(truth)
    expect(tree.listing()).toEqual(truth)
    tree.settle()
    expect(tree.listing()).toEqual(truth)
    expect(tree.asked(() => tree.listing())).toEqual(ONE_STAT)
  })

  test('of a folder that was made anew not the old one is watched on', async () => {
    const tree = watchedTree()
    tree.settle()
    process.chdir(tree.at('empty'))
    rmdirSync(tree.at('empty'))
    mkdirSync(tree.at('empty'))
    writeFileSync(tree.at('empty/f.jsonl'), '')
    await tree.hear()
    tree.listing()
    writeFileSync(tree.at('empty/f.jsonl'), 'one\n')
    await tree.hear()
    expect(tree.listing()).toEqual(tree.truth())
  })

  test('a folder that stands in for another while what lay above was not watched is known by its number', async () => {
    const tree = watchedTree()
    tree.settle()
    // From now on `busy` is looked at, what lies in it is watched.
    appendFileSync(tree.at('busy/b.jsonl'), 'two\n')
    await tree.hear()
    tree.listing()
    const other = join(tree.dir, 'other')
    mkdirSync(join(other, 'deep'), { recursive: true })
    writeFileSync(join(other, 'deep', 'c.jsonl'), 'another')
    renameSync(tree.at('busy'), join(tree.dir, 'away'))
    renameSync(other, tree.at('busy'))
    await tree.hear()
    expect(tree.listing()).toEqual(tree.truth())
  })
})
