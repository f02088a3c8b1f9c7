import { expect, test } from 'vitest'
import type { EngineBook, Managed } from '../../../src/commands/engine/book.ts'
import { openSeenSessions } from '../../../src/commands/engine/seen-sessions.ts'
import type { Row } from '../../../src/core/rows.ts'
import { MANY, many, watched } from '../../queries/asking.ts'
import { appendAll, at, runOf, tempStore } from '../../store/support.ts'

const agent = (id: string, more: Row = {}): Row => ({
  ...{ agent_id: id, machine_id: 'atlas', cli: 'codex', kind: 'managed', first_seen: at(0), ...more },
})
const kept = (id: string, session: string | null): Managed =>
  ({ agent_id: id, socket: '/s', server_start: 7, pane_id: '%1', session_id: session }) as Managed

test('the session of an agent is the one seen in its terminal of now, and who ended long ago is not read', async () => {
  const store = await tempStore()
  const rows = [
    ...many((i) => agent(`atlas/codex-e${i}`, { ended: at(1) })),
    agent('atlas/codex-here', { pane_key: '/s:7:%1', session_id: 'seen' }),
    agent('atlas/codex-else', { pane_key: '/s:6:%1', session_id: 'of another terminal' }),
  ]
  await appendAll(store, runOf([{ table: 'agents', rows }]))
  const { ctx, most } = watched(store)
  const asked = [kept('atlas/codex-here', 'known'), kept('atlas/codex-else', 'known'), kept('atlas/codex-new', null)]
  const sessionOf = openSeenSessions({ book: { store: ctx } as unknown as EngineBook }, 'atlas', asked)
  expect(await Promise.all(asked.map(sessionOf))).toEqual(['seen', 'known', null])
  expect([rows.length, most()]).toEqual([MANY + 2, 2])
})
