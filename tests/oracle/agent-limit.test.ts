import { expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { assessAgents } from '../../src/oracle/agent-assess.ts'
import { NOW, processRow } from './process-row.ts'

const at = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000)

const gemini = processRow(7, { cli: 'gemini', tty: 'pts/1', cwd: '/srv/code/a' })
const session: Row = { cli: 'gemini', session_id: 'g1', cwd: '/srv/code/a', started_at: at(0), last_activity_at: at(1) }
const record = (rule: string, says: string, seconds: number, reason: string | null = null): Row => ({
  collected_at: at(seconds), cli: 'gemini', tier: 'transcript', sighting_source: 'gemini.transcript', subject: 'session:g1',
  session_id: 'g1', says, rule: `gemini.transcript.${rule}@0.61`, reason, as_of: at(seconds), since: at(seconds), gone: false,
}) // biome-ignore format: one row
const screen = (rule: string, state: string, seconds: number, reason: string | null = null): Row => ({
  collected_at: at(seconds), socket: '/tmp/s', server_start_epoch_s: 1, pane_id: '%1', tty: '/dev/pts/1', dead: false, gone: false,
  screen_hash: rule, screen_cli: 'gemini', screen_state: state, screen_rule: `gemini.screen.${rule}@0.61`,
  screen_reason: reason, screen_changed_at: at(seconds),
}) // biome-ignore format: one row

/** One look after another; what was known stays. */
const watching = () => {
  let [agents, aliases, states]: (readonly Row[])[] = [[], [], []]
  return (pane: Row, sighting: Row, seconds: number) => {
    const known = { agents: agents ?? [], aliases: aliases ?? [], states: states ?? [] }
    const seen = {
      processes: [gemini],
      panes: [pane],
      sightings: [sighting],
      sessions: [session],
      processesKnown: true,
    }
    const facts = { machineId: 'atlas', now: at(seconds), bootId: 'boot-a', readers: { readTitle: () => null } }
    const out = assessAgents({ ...facts, ...seen, ...known })
    if (out.agents.rows.length > 0) agents = out.agents.rows
    if (out.aliases.rows.length > 0) aliases = [...(aliases ?? []), ...out.aliases.rows]
    states = out.states.rows
    const [row] = out.states.rows
    return [row?.state, row?.reason, row?.since]
  }
}

test('a limit outlasts its dialog and the turn that was cancelled in it, until a prompt is answered', () => {
  const look = watching()
  const limited = ['rate_limited', 'quota dialog', at(5)]
  const dialog = screen('quota', 'rate_limited', 5, 'quota dialog')
  expect(look(dialog, record('prompt', 'working', 3), 6)).toEqual(limited)
  // the turn is cancelled, its dialog stands
  const cancelled = record('aborted', 'idle', 8, 'cancelled')
  expect(look({ ...dialog, collected_at: at(10) }, cancelled, 11)).toEqual(limited)
  const composer = screen('cancelled', 'idle', 15, 'cancelled')
  expect(look(composer, cancelled, 16)).toEqual(limited)
  expect(look({ ...composer, collected_at: at(60) }, cancelled, 61)).toEqual(limited)
  expect(look(screen('answered', 'turn_finished', 70), record('answered', 'turn_finished', 69), 71)[0]).toBe(
    'turn_finished',
  )
  expect(look(composer, record('aborted', 'idle', 80, 'cancelled'), 81)[0]).toBe('idle')
})
