import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { generatedPages } from '../../scripts/docs/pages.ts'
import { REFRESH } from '../../scripts/docs/refresh.ts'
import { collectors } from '../../src/collectors/index.ts'
import type { Collector } from '../../src/core/collector.ts'

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

const sourcesOf = (name: string): string =>
  globSync(`src/collectors/${name.replaceAll('_', '-')}/*.ts`, { cwd: ROOT })
    .map((file) =>
      readFileSync(join(ROOT, file), 'utf8').replaceAll(/ {2}reads: \{.*\},\n| {2}reads: \{\n[\s\S]*?\n {2}\},\n/g, ''),
    )
    .join('\n')

// Words with capitals stand for values; what stands in brackets is for people.
const literal = (text: string): readonly string[] =>
  text
    .replace(/\(.*\)|, read-only.*$/, '')
    .split(/[\s;…]+/)
    .filter((word) => word !== '' && !/[A-Z*~]/.test(word))

const all: readonly Collector[] = collectors

test.each(all.map((collector) => [collector.name, collector] as const))(
  'what the page says %s runs is what its sources run',
  (name, { reads, needs, tested }) => {
    const sources = sourcesOf(name)
    const words = (reads?.commands ?? []).flatMap(literal)
    expect(words.filter((word) => !sources.includes(word))).toEqual([])
    expect((reads?.commands?.length ?? 0) + (reads?.files?.length ?? 0)).toBeGreaterThan(0)
    // whoever needs a tool says with which version of it it was tried
    if (needs.length > 0) expect(Object.keys(tested ?? {}).some((tool) => needs.flat().includes(tool))).toBe(true)
  },
)
