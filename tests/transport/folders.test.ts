import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Folders } from '../../src/transport/workers/folders.ts'

let dir: string
const folders = new Folders({ settledMs: 0 })
const names = (): readonly string[] =>
  folders
    .look(dir)
    .children.map(({ name, is }) => `${name} ${is}`)
    .toSorted()
/** So that it is some time ago, in a clock of milliseconds. */
const settle = () => setTimeout(30)

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'vc-folders-'))
  writeFileSync(join(dir, 'a.jsonl'), '')
  await settle()
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('a folder that did not change is not read again, also while its files grow', () => {
  const first = folders.look(dir).children
  expect(first).toEqual([{ name: 'a.jsonl', path: join(dir, 'a.jsonl'), is: 'file' }])
  writeFileSync(join(dir, 'a.jsonl'), 'more')
  expect(folders.look(dir).children).toBe(first)
})

test('what is made, removed, renamed or replaced in it is seen at the next look', async () => {
  const changes = [
    { change: () => writeFileSync(join(dir, 'b.jsonl'), ''), found: ['a.jsonl file', 'b.jsonl file'] },
    { change: () => renameSync(join(dir, 'b.jsonl'), join(dir, 'c.jsonl')), found: ['a.jsonl file', 'c.jsonl file'] },
    { change: () => mkdirSync(join(dir, 'd')), found: ['a.jsonl file', 'c.jsonl file', 'd dir'] },
    { change: () => rmSync(join(dir, 'c.jsonl')), found: ['a.jsonl file', 'd dir'] },
    {
      change: () => {
        symlinkSync('/etc/passwd', join(dir, 'link'))
        renameSync(join(dir, 'link'), join(dir, 'a.jsonl'))
      },
      found: ['a.jsonl link', 'd dir'],
    },
  ]
  for (const { change, found } of changes) {
    names()
    change()
    expect(names()).toEqual(found)
    await settle()
    expect(names()).toEqual(found)
  }
})

test('another folder in its place is another folder, and one that is gone says so', () => {
  names()
  renameSync(dir, `${dir}-old`)
  expect(() => names()).toThrow(/ENOENT/)
  mkdirSync(dir)
  writeFileSync(join(dir, 'other.jsonl'), '')
  expect(names()).toEqual(['other.jsonl file'])
  rmSync(`${dir}-old`, { recursive: true })
})

test('what changed just now may change again in the same moment of its clock: it is read each time', () => {
  const careful = new Folders()
  expect(careful.look(dir).children).not.toBe(careful.look(dir).children)
})

test('a file system that keeps no times of its folders is read again all the same, after a while', () => {
  const old = new Folders({ settledMs: 0, mostAgeMs: 0 })
  expect(old.look(dir).children).not.toBe(old.look(dir).children)
})

test('no more names are remembered than there is room for', () => {
  const small = new Folders({ settledMs: 0, mostNames: 1 })
  const first = small.look(dir).children
  expect(small.look(dir).children).toBe(first)
  const none = new Folders({ settledMs: 0, mostNames: 0 })
  expect(none.look(dir).children).not.toBe(none.look(dir).children)
})
