import { describe, expect, test } from 'vitest'
import type { Screen, ScreenView, Wish } from '../../../src/tui/screen.ts'
import { accounts } from '../../../src/tui/screens/accounts.ts'
import { agents } from '../../../src/tui/screens/agents.ts'
import { doctor } from '../../../src/tui/screens/doctor.ts'
import { machine } from '../../../src/tui/screens/machine.ts'
import { mcp } from '../../../src/tui/screens/mcp.ts'
import { overview } from '../../../src/tui/screens/overview.ts'
import { sessions } from '../../../src/tui/screens/sessions.ts'
import { recordedView } from './recorded.ts'
import { answered, viewOf } from './snapshot.ts'

/** Presses a key: why it is blocked, or what it wants. */
const press = <Model>(screen: Screen<Model>, key: string, view: ScreenView): string | Wish | null => {
  const found = screen.keys.find(({ keys }) => keys.includes(key))
  if (found === undefined) throw new Error(`${screen.id} has no key ${key}`)
  const model = screen.model(view)
  return found.blockedBy?.(model, view) ?? found.act(model, view)
}

const open = <Model>(screen: Screen<Model>, panel: string, row: string, view: ScreenView): Wish | null =>
  screen.open?.(panel, row, screen.model(view), view) ?? null

interface AgentRow {
  agent: string
  kind: string
  state: string
}

/** The recorded agents, one of them as `more` says. */
const agentsWith = (agent: string, more: Partial<AgentRow>, view: Partial<ScreenView> = {}): ScreenView =>
  recordedView(
    'agents',
    (data, as) => {
      if (as !== 'agents') return answered(data)
      const { agents: rows, by_state } = data as { agents: AgentRow[]; by_state: unknown }
      return answered({ agents: rows.map((row) => (row.agent === agent ? { ...row, ...more } : row)), by_state })
    },
    { chosen: { agents: agent }, ...view },
  )

describe('a prompt of an agent', () => {
  test('is answered by y and n when vc keeps the agent', () => {
    const view = agentsWith('borg/claude-lgxh', { kind: 'managed' })
    expect(press(agents, 'y', view)).toMatchObject({ wish: 'run', argv: ['agent', 'approve', 'borg/claude-lgxh'] })
    expect(press(agents, 'n', view)).toMatchObject({ wish: 'run', argv: ['agent', 'reject', 'borg/claude-lgxh'] })
  })

  test('is not answered for an agent that vc only watches, and the words say how it would be', () => {
    expect(press(agents, 'y', agentsWith('borg/claude-lgxh', {}))).toBe(
      'vc only watches it (observed); vc agent adopt borg/claude-lgxh gives it to vc',
    )
  })

  test('is not answered when there is none, nor in the past', () => {
    expect(press(agents, 'y', agentsWith('atlas/claude-b6mo', { kind: 'managed' }))).toBe('it waits for no approval')
    const past = agentsWith('borg/claude-lgxh', { kind: 'managed' }, { at: new Date('2026-11-20T00:00:00Z') })
    expect(press(agents, 'n', past)).toBe('the past cannot be answered')
  })

  test('is answered by a for all that show the same, when somebody else of the same CLI waits and vc keeps both', () => {
    const both = (more: Partial<AgentRow>) =>
      recordedView(
        'agents',
        (data, as) => {
          if (as !== 'agents') return answered(data)
          const rows = (data as { agents: AgentRow[] }).agents.map((row) => ({ ...row, kind: 'managed' }))
          return answered({
            agents: rows.map((row) => (row.agent === 'cygnus/claude-xcbt' ? { ...row, ...more } : row)),
          })
        },
        { chosen: { agents: 'borg/claude-lgxh' } },
      )
    const alone = 'no other claude agent of vc waits for an approval; y answers this one'
    expect(press(agents, 'a', both({ state: 'needs_approval' }))).toMatchObject({
      wish: 'run',
      argv: ['agent', 'approve', 'borg/claude-lgxh', '--same'],
    })
    expect(press(agents, 'a', both({}))).toBe(alone)
    expect(press(agents, 'a', both({ state: 'needs_approval', kind: 'observed' }))).toBe(alone)
    expect(press(agents, 'a', both({ state: 'needs_approval', cli: 'codex' } as Partial<AgentRow>))).toBe(alone)
    expect(press(agents, 'a', { ...both({ state: 'needs_approval' }), at: new Date() })).toBe(
      'the past cannot be answered',
    )
  })

  test('is found by N, one after the other', () => {
    const first = press(agents, 'N', agentsWith('atlas/claude-b6mo', {}))
    expect(first).toMatchObject({ chosen: { agents: 'borg/claude-lgxh' } })
    expect(press(agents, 'N', agentsWith('borg/claude-lgxh', {}))).toMatchObject({
      chosen: { agents: 'cygnus/claude-xcbt' },
    })
  })
})

test('what is written to an agent is never taken for an option', () => {
  const wish = press(agents, 'w', agentsWith('borg/claude-lgxh', { kind: 'adopted' }))
  if (wish === null || typeof wish === 'string' || wish.wish !== 'prompt') throw new Error('no prompt')
  expect(wish.then('--yes please')).toMatchObject({
    argv: ['agent', 'send', 'borg/claude-lgxh', '--', '--yes please'],
  })
})

test('an agent without a terminal has no live screen, and its keys say why', () => {
  const view = agentsWith('borg/claude-lgxh', { pane: null } as Partial<AgentRow>)
  expect(press(agents, 'z', view)).toBe('it runs in no terminal that vc can read (no tmux pane)')
  const panels = agents.panels(agents.model(view), { columns: 160, rows: 45 }, view)
  expect(panels.find(({ id }) => id === 'live')).toMatchObject({
    kind: 'text',
    empty: { why: 'No live screen: it runs in no terminal that vc can read (no tmux pane).' },
  })
})

describe('the way down', () => {
  test('leads from the fleet to a machine, from there to an agent, and from an agent to its machine', () => {
    const fleet = recordedView('overview')
    expect(open(overview, 'machines', 'borg', fleet)).toEqual({
      wish: 'go',
      screen: 'machine',
      chosen: { machines: 'borg' },
    })
    expect(open(machine, 'agents', 'borg/claude-lgxh', recordedView('machine'))).toMatchObject({
      screen: 'agents',
      chosen: { agents: 'borg/claude-lgxh' },
    })
    expect(open(agents, 'agents', 'borg/claude-lgxh', recordedView('agents'))).toMatchObject({
      screen: 'machine',
      chosen: { machines: 'borg' },
    })
  })

  test('leads from what to do to where it is: an agent, a machine, the accounts, or its words', () => {
    const view = recordedView('overview')
    const where = (start: string) => {
      const row = overview.model(view).advice.find(({ id }) => id.startsWith(start))
      return row === undefined ? null : open(overview, 'triage', row.id, view)
    }
    expect(where('agent:')).toMatchObject({ wish: 'go', screen: 'agents' })
    expect(where('disk_low:')).toMatchObject({ wish: 'go', screen: 'machine', chosen: { machines: 'borg' } })
    expect(where('account_near_limit:')).toMatchObject({ wish: 'go', screen: 'accounts' })
    expect(where('bead')).toMatchObject({ wish: 'detail' })
  })

  test('leads from a session to who sits in it, from a finding or a server to its machine', () => {
    const view = recordedView('sessions')
    const taken = sessions.model(view).rows.find(({ agent }) => agent !== null)
    expect(open(sessions, 'sessions', taken?.session.session ?? '', view)).toMatchObject({
      screen: 'agents',
      chosen: { agents: taken?.agent?.agent },
    })
    const findings = recordedView('doctor')
    const first = doctor.model(findings).findings[0]
    expect(open(doctor, 'findings', first?.id ?? '', findings)).toMatchObject({ chosen: { machines: 'dione' } })
    const servers = recordedView('mcp')
    const server = mcp.model(servers).servers[0]
    expect(open(mcp, 'servers', server?.id ?? '', servers)).toMatchObject({
      chosen: { machines: server?.server.machine },
    })
  })
})

describe('a suggested command', () => {
  test('is run when it is one of vc that needs no shell', () => {
    const view = recordedView('overview')
    const advice = overview.model(view).advice.find(({ command }) => command?.startsWith('vc account recommend'))
    expect(press(overview, 'x', { ...view, chosen: { triage: advice?.id ?? '' } })).toMatchObject({
      wish: 'run',
      argv: ['account', 'recommend', '--provider', 'openai'],
    })
  })

  test('is only shown when it is a sentence, or needs a shell', () => {
    const view = recordedView('doctor')
    const quoted = doctor.model(view).findings.find(({ finding }) => finding.fix?.startsWith('set "'))
    expect(press(doctor, 'x', { ...view, chosen: { findings: quoted?.id ?? '' } })).toBe('nothing vc can run mends it')
    expect(press(doctor, 'x', view)).toMatchObject({ argv: ['machines', 'probe', 'dione'] })
  })
})

test('machines follow one another by key and come round', () => {
  const view = recordedView('machine')
  const ids = machine.model(view).machines.map(({ id }) => id)
  const walk = ids.reduce<string[]>(
    (seen) => {
      const wish = press(machine, '.', { ...view, chosen: { machines: seen.at(-1) ?? '' } })
      return [
        ...seen,
        wish !== null && typeof wish !== 'string' && wish.wish === 'go' ? (wish.chosen?.machines ?? '') : '',
      ]
    },
    [ids[0] ?? ''],
  )
  expect(walk).toEqual([...ids, ids[0]])
})

test('a machine that is gone from the fleet is not shown in its last state', () => {
  const view = recordedView('machine', null, { chosen: { machines: 'gone' } })
  expect(machine.model(view)).toMatchObject({ id: 'dione', machine: null })
})

test('the accounts screen asks for advice on the provider that is chosen', () => {
  expect(press(accounts, 'w', recordedView('accounts'))).toMatchObject({
    argv: ['account', 'recommend', '--provider', 'openai'],
  })
  expect(press(accounts, 'w', viewOf({}))).toBe('no account is known')
})
