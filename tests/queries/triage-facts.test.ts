import { expect, test } from 'vitest'
import { redSources } from '../../src/queries/triage-facts.ts'

test('sources of a machine that hangs are no advice of their own: the alert of the machine is', () => {
  const red = [{ source: 'tmux', why: 'timeout', late: false }]
  const sources = [{ source: 'tmux', consecutiveFailures: 2 }]
  const fleet = (hangs: boolean) => ({ machines: [{ view: { machineId: 'atlas', hangs, redSources: red, sources } }] })
  expect(redSources(fleet(false) as never)).toMatchObject([{ machineId: 'atlas', source: 'tmux' }])
  expect(redSources(fleet(true) as never)).toEqual([])
})
