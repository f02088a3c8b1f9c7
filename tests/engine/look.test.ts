import { describe, expect, test } from 'vitest'
import type { AgentSight, ComposerSight, Look } from '../../src/core/agent-adapter.ts'
import { composerHolds, holds } from '../../src/engine/look.ts'
import { sightOf } from './adapters/recorded.ts'

const composer = (text: string, more: Partial<ComposerSight> = {}): ComposerSight => ({
  text,
  ghost: false,
  folded: false,
  ...more,
})

describe('the input line holds a text', () => {
  test('whole, however it was wrapped, indented and its tabs widened', () => {
    expect(composerHolds(composer('one two\n   three'), 'one two\n\tthree')).toBe(true)
    expect(composerHolds(composer('one two three four'), 'one two three')).toBe(false)
  })

  test('in part only when the part is long enough to be nobody else’s', () => {
    const prompt = `${'a sentence of some length, '.repeat(20)}end`
    expect(composerHolds(composer(prompt.slice(100, 300)), prompt)).toBe(true)
    expect(composerHolds(composer('end'), prompt)).toBe(false)
    expect(composerHolds(composer(`${prompt.slice(100, 300)} and somebody else`), prompt)).toBe(false)
  })

  test('folded to a placeholder; a suggestion is no text, and no line holds nothing', () => {
    expect(composerHolds(composer('[Pasted text #1 +45 lines]', { folded: true }), 'x')).toBe(true)
    expect(composerHolds(composer('x', { ghost: true }), 'x')).toBe(false)
    expect(composerHolds(null, 'x')).toBe(false)
  })
})

describe('a look', () => {
  const before = sightOf('claude', { recorded: 0, screen: 'Compacted once' })
  const seen = (look: Look, more: Partial<AgentSight>): boolean =>
    holds(look, sightOf('claude', more), { before, adapter: { composer: () => null, selected: () => null } })

  test('at a transcript that cannot be read proves nothing', () => {
    expect(seen({ see: 'recorded' }, { recorded: null })).toBe(false)
    expect(seen({ see: 'recorded' }, { recorded: 0 })).toBe(false)
    expect(seen({ see: 'recorded' }, { recorded: 1 })).toBe(true)
  })

  test('at a live word that is not known is no rest and no work', () => {
    expect(seen({ see: 'live', in: ['idle', 'busy', 'waiting'] }, { live: null })).toBe(false)
  })

  test('for more of the same words does not take old ones for new', () => {
    const look: Look = { see: 'words', shape: 'Compacted', rows: 10, more: true }
    expect(seen(look, { screen: 'Compacted once' })).toBe(false)
    expect(seen(look, { screen: 'Compacted once\nCompacted again' })).toBe(true)
  })

  test('reads only the last rows: history is no sign', () => {
    const look: Look = { see: 'words', shape: 'esc again', rows: 2 }
    expect(seen(look, { screen: 'esc again to interrupt\na\nb' })).toBe(false)
    expect(seen(look, { screen: 'a\nesc again to interrupt' })).toBe(true)
  })
})
