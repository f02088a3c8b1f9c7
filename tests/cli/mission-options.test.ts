import { Command } from 'commander'
import { expect, test } from 'vitest'
import { addWorkOptions, missionId, type WorkOptions, workOf } from '../../src/cli/mission-options.ts'

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
