import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchProject, parseProjectRoot, parseProjects } from '../../../src/collectors/gemini/project-root.ts'

describe('where a project lies', () => {
  const projects = parseProjects(readFileSync('tests/fixtures/gemini/projects.json-0.61.0.json'))
  const hash = '8a1d0d3a5c1b'

  test('the recorded projects.json names it by its short name', () => {
    expect(matchProject('gemini-demo', projects, [])).toBe('/home/dev/code/gemini-demo')
    expect(matchProject('another', projects, [])).toBeNull()
    expect(matchProject(hash, projects, [])).toBeNull()
  })

  test.each(['', 'relative/path', '/a\u0007b', '/two\n/lines', `/${'x'.repeat(5000)}`])(
    '%j is no directory',
    (text) => {
      expect(parseProjectRoot(Buffer.from(text))).toBeNull()
    },
  )

  test('bytes of any kind name nothing and never throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          for (const path of parseProjects(bytes).keys()) expect(path.startsWith('/')).toBe(true)
          expect(parseProjectRoot(bytes)?.startsWith('/') ?? true).toBe(true)
        },
      ),
    )
  })
})
