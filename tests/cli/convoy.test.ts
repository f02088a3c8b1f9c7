import { expect, test } from 'vitest'
import { vc } from './fake-cli.ts'

test('a convoy is not given a new mission that is called like one that exists', async () => {
  const said = await vc(['convoy', 'create', 'release', '--mission', 'm-12'])
  expect(said).toMatchObject({ exit: 2, out: '' })
  expect(said.err).toContain('vc convoy add <convoy> m-12')
})
