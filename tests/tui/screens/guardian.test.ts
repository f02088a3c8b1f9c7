import { expect, test } from 'vitest'
import type { Screen } from '../../../src/tui/screen.ts'
import { guardian as screen } from '../../../src/tui/screens/guardian.ts'
import { enter, press, rowIds } from './keys.ts'
import { holdsScreen, recordedView } from './recorded.ts'
import { answered } from './snapshot.ts'

const guardian = screen as unknown as Screen

holdsScreen(guardian)

const view = recordedView('guardian')

test('y and n answer the agent that is chosen, and nobody in the past', () => {
  const ids = rowIds(guardian, view, 'pending')
  expect(ids).toEqual(expect.arrayContaining(['borg/claude-lgxh', 'cygnus/claude-xcbt']))
  const chosen = recordedView('guardian', null, { chosen: { pending: 'borg/claude-lgxh' } })
  expect(press(guardian, chosen, 'y')).toMatchObject({ wish: 'run', argv: ['agent', 'approve', 'borg/claude-lgxh'] })
  expect(press(guardian, chosen, 'n')).toMatchObject({ argv: ['agent', 'reject', 'borg/claude-lgxh'] })
  expect(() => press(guardian, { ...chosen, at: view.now }, 'y')).toThrow(/the past is replayed/)
  const calm = recordedView('guardian', (data, as) => answered(as === 'agents' ? { agents: [] } : data))
  expect(() => press(guardian, calm, 'y')).toThrow('nobody waits for you')
})

test('a answers all that show the same, when another agent of the CLI waits for an approval', () => {
  const options = { chosen: { pending: 'borg/claude-lgxh' } }
  expect(() => press(guardian, recordedView('guardian', null, options), 'a')).toThrow(/no other agent of vc/)
  const both = recordedView(
    'guardian',
    (data, as) => {
      if (as !== 'agents') return answered(data)
      const rows = (data as { agents: { agent: string }[] }).agents
      return answered({ agents: rows.map((row) => ({ ...row, kind: 'managed', state: 'needs_approval' })) })
    },
    options,
  )
  expect(press(guardian, both, 'a')).toMatchObject({ argv: ['agent', 'approve', 'borg/claude-lgxh', '--same'] })
})

test('an action that was refused says why, and s leaves the refused ones', () => {
  const [refused] = rowIds(guardian, view, 'history')
  expect(enter(guardian, view, 'history', refused ?? '')).toMatchObject({
    wish: 'detail',
    title: 'agent.approve borg/claude-lgxh',
    text: expect.stringContaining('writes_not_allowed: vc may change nothing on borg'),
  })
  expect(press(guardian, view, 's')).toEqual({ wish: 'option', name: 'guardian.outcome', value: 'refused' })
  const verified = recordedView('guardian', null, { options: { 'guardian.outcome': 'verified' } })
  expect(rowIds(guardian, verified, 'history')).toEqual([])
})

test('Enter on who waits leads to its screen', () => {
  expect(enter(guardian, view, 'pending', 'borg/claude-lgxh')).toMatchObject({ screen: 'agents' })
})
