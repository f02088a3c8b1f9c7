import { afterEach, beforeEach, expect, test } from 'vitest'
import { vc } from './fake-cli.ts'
import { fakeReader, newHome } from './fake-cockpit.ts'

let home: ReturnType<typeof newHome>
beforeEach(() => {
  home = newHome()
})
afterEach(() => home.leave())

const said = async (...argv: readonly string[]) => {
  const { reader } = fakeReader({ missions: { missions: [], more: false, counts: {} } })
  return (await vc(argv, { ...home.parts, openReader: async () => reader })).out
}

test('an empty queue is called empty; only what was named is called not there', async () => {
  expect(await said('mission', 'list')).toBe(
    'no mission waits or runs (vc mission add puts one in; ended ones: vc mission list --all)\n',
  )
  expect(await said('mission', 'list', '--all')).toBe('no mission yet (vc mission add puts one in)\n')
  expect(await said('event', 'list', '--all')).toBe('no event yet (vc event emit tells one)\n')
  expect(await said('mission', 'list', '--role', 'coder')).toBe(
    'no such mission (without a filter: vc mission list --all)\n',
  )
})
