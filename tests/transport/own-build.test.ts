import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { codeFolders } from '../../src/core/own-files.ts'
import { buildOf } from '../../src/transport/own-build.ts'

const AT = new Date('2026-11-20T08:00:00.000Z')

test('a build is known by its files: by their names, sizes and times', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'vc-build-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const put = (name: string, text: string, at = AT): void => {
    writeFileSync(join(dir, name), text)
    utimesSync(join(dir, name), at, at)
  }
  const now = (): Promise<string | null> => buildOf([pathToFileURL(dir)])
  mkdirSync(join(dir, 'deep'))
  put('a.ts', 'one')
  put('deep/b.ts', 'two')
  const first = await now()
  put('notes.txt', 'no code')
  put('a.ts', 'one')
  expect(await now()).toBe(first)
  put('deep/b.ts', 'two', new Date(AT.getTime() + 1000))
  const touched = await now()
  put('c.ts', '')
  expect(new Set([first, touched, await now()]).size).toBe(3)
})

test('the program finds its own code; where it cannot be read nobody guesses', async () => {
  expect(await buildOf(codeFolders())).toMatch(/^[0-9a-f]{16}$/)
  expect(await buildOf([pathToFileURL('/nowhere/at/all')])).toBeNull()
})
