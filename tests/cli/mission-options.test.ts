import { Command } from 'commander'
import { expect, test } from 'vitest'
import { addWorkOptions, missionId, type WorkOptions, workOf } from '../../src/cli/mission-options.ts'
import { vc } from './fake-cli.ts'
import { newHome } from './fake-cockpit.ts'

const work = (...argv: readonly string[]) => {
  const command = addWorkOptions(new Command())
  command.parse([...argv], { from: 'user' })
  return workOf(command.opts<WorkOptions>())
}

test('a mission to wait on is named by its id or by its number', () => {
  expect(work('--after', '1', '--after', 'm-2', '--before', '30')).toMatchObject({
    depends_on: ['m-1', 'm-2'],
    before: ['m-30'],
  })
  expect(work()).toMatchObject({ depends_on: [], before: [] })
})

test.each(['build', 'm-1', '1.5', '-1', '1 2', '', '9'.repeat(16)])('what is no number stays as it is: %j', (text) => {
  expect(missionId(text)).toBe(text)
})

test.each([
  ['mission', 'add', 'mend it', '-m', 'atlsa'],
  ['event', 'emit', 'ROUTE', '--to', 'cab', '-m', 'atlsa'],
  ['mission', 'claim', '--as', 'me', '-m', 'atlsa'],
])('%s %s for a machine that there is none of is refused: it would wait for ever', async (...argv) => {
  const home = newHome()
  try {
    expect(await vc(argv, home.parts)).toMatchObject({
      exit: 2,
      out: '',
      err: "vc: no machine is called 'atlsa'\n  fix: did you mean 'atlas'?\n",
    })
  } finally {
    home.leave()
  }
})
