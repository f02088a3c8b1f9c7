import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { generatedPages } from '../../scripts/docs/pages.ts'
import { REFRESH } from '../../scripts/docs/refresh.ts'
import { collectors } from '../../src/collectors/index.ts'

const ROOT = join(import.meta.dirname, '../..')
const pages = await generatedPages()

describe('generated pages are what the sources say now', () => {
  test.each([...pages.keys()].filter((path) => !path.startsWith('tests/')))('%s', (path) => {
    expect(readFileSync(join(ROOT, path), 'utf8'), `${path} is stale; run: ${REFRESH}`).toBe(pages.get(path))
  })
})

test('the page of collectors has a section for each, with a name for everything it asks', () => {
  const page = pages.get('docs/collectors.md') ?? ''
  for (const { name, about } of collectors) expect(page).toContain(`## ${name}\n\n${about}.`)
  expect(page.match(/^\| asks \| `\w/gm)).toHaveLength(collectors.length)
  expect(page).not.toContain('(unnamed)')
})
