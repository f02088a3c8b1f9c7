import { expect, test } from 'vitest'
import { watchFolders } from '../../src/daemon/folders.ts'

const APP = '/srv/code/app'
const LIB = '/srv/code/lib'

const watch = (refused: ReadonlySet<string> = new Set()) => {
  const heard: string[] = []
  const folders = watchFolders((machineId, source, news) => {
    if (refused.has(source)) return false
    heard.push(`${machineId} ${source} ${news}`)
    return true
  })
  const workIn = (...dirs: string[]) => {
    folders.workIn('atlas', new Set(dirs))
    return heard.splice(0)
  }
  return { folders, workIn, heard }
}

test('a folder nobody worked in before is told once, and again when somebody comes back to it', () => {
  const { workIn } = watch()
  const told = ['atlas git new', 'atlas beads new']
  expect(workIn(APP)).toEqual(told)
  expect(workIn(APP)).toEqual([])
  expect(workIn(APP, LIB)).toEqual(told)
  expect(workIn(LIB)).toEqual([])
  expect(workIn(LIB, APP)).toEqual(told)
  expect(workIn()).toEqual([])
})

test('a source that was just looked at is told later, the others are not told twice', () => {
  const refused = new Set(['git'])
  const { workIn } = watch(refused)
  expect(workIn(APP)).toEqual(['atlas beads new'])
  refused.clear()
  expect(workIn(APP)).toEqual(['atlas git new'])
  expect(workIn(APP)).toEqual([])
})

test('a turn that ended may have changed what is known already', () => {
  const { folders, heard } = watch()
  folders.turnEnded('atlas')
  expect(heard).toEqual(['atlas git changed', 'atlas beads changed'])
})
