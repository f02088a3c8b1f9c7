import { createHash } from 'node:crypto'
import type { DemoAgent, DemoMachine } from './describe.ts'
import { HOME } from './session-facts.ts'

const NONCE = 'de30de30de30de30'
const TOWN = `${HOME}/gt`
const HASH = createHash('sha256').update(TOWN).digest('hex').slice(0, 6)

/** Which machine has a town, and the one agent of it that is crew there. */
const TOWN_AT = { machine: 'borg', crew: 5420, session: 'tk-crew-max', socket: `/tmp/tmux-1000/gt-${HASH}` } as const
const NTM_AT = 'atlas'

/** Where an agent of the demo fleet sits. */
export const seatOf = (agent: DemoAgent): { readonly socket: string; readonly session: string } =>
  agent.pid === TOWN_AT.crew
    ? { socket: TOWN_AT.socket, session: TOWN_AT.session }
    : { socket: '/tmp/tmux-1000/default', session: 'work' }

/** Orchestrators of a machine by name, with their paths. */
export const orchestratorsOf = ({ id }: DemoMachine): Readonly<Record<string, string>> => ({
  ...(id === NTM_AT ? { ntm: `${HOME}/.local/bin/ntm` } : {}),
  ...(id === TOWN_AT.machine ? { gt: `${HOME}/go/bin/gt` } : {}),
})

const sections = (parts: Readonly<Record<string, string>>): string =>
  [
    `vc-tool 1 ${NONCE}`,
    ...Object.entries(parts).map(([name, out]) => `\u001e${NONCE} ${name}\n${out}\u001f${NONCE} 0`),
    `\u001e${NONCE} end`,
  ].join('\n')

const ntmText = ({ agents }: DemoMachine): string => {
  const counts = Object.fromEntries(
    ['claude', 'codex', 'gemini', 'opencode'].map((cli) => [cli, agents.filter((one) => one.cli === cli).length]),
  )
  const session = {
    ...{ name: 'work', base_project: 'work', windows: agents.length, pane_count: agents.length, attached: false },
    ...{ working_directory: '/srv/code', agents: { ...counts, total: agents.length } },
  }
  const list = { generated_at: '@{iso-0}', sessions: [session], count: 1, total_matches: 1, has_more: false }
  return sections({ state: `${HOME}/.config/ntm/state.db\n`, list: `${JSON.stringify(list)}\n` })
}

/** ntm's own database on the machine that has it, as far as vc reads it. */
const ntmStateSql = ({ id, agents }: DemoMachine): string | null => {
  if (id !== NTM_AT) return null
  const words = (agent: DemoAgent): string => (agent.state === 'working' ? 'busy' : 'idle')
  return [
    'CREATE TABLE runtime_sessions (name TEXT, project_path TEXT, health_status TEXT, health_reason TEXT, stale_after TIMESTAMP);',
    'CREATE TABLE runtime_agents (session_name TEXT, pane TEXT, agent_type TEXT, variant TEXT, state TEXT, current_bead TEXT, pending_mail INTEGER, stale_after TIMESTAMP);',
    'CREATE TABLE attention_events (cursor INTEGER PRIMARY KEY, ts TIMESTAMP, session_name TEXT, pane TEXT, category TEXT, event_type TEXT, source TEXT, actionability TEXT, severity TEXT, summary TEXT, details TEXT, reason_code TEXT);',
    `INSERT INTO runtime_sessions VALUES ('work', '/srv/code', 'healthy', '', '@{start.iso+864000}');`,
    ...agents.map(
      (agent, i) =>
        `INSERT INTO runtime_agents VALUES ('work', '%${i}', '${agent.cli}', '', '${words(agent)}', '', 0, '@{start.iso+864000}');`,
    ),
    `INSERT INTO attention_events VALUES (41, '@{start.iso-900}', 'work', '%1', 'agent', 'agent.state_change', 'activity_tracker', 'interesting', 'info', 'codex generating to idle', '{"from_state":"generating","to_state":"idle"}', '');`,
    '',
  ].join('\n')
}

const townStatus = (): string => {
  const agent = (name: string, address: string, session: string, role: string, more: object) => ({
    ...{ name, address, session, role, running: false, acp: false, has_work: false, unread_mail: 0 },
    ...more,
  })
  return JSON.stringify({
    ...{
      name: 'gt',
      location: TOWN,
      daemon: { running: true, pid: 811 },
      dolt: { running: true, pid: 802, port: 3307 },
    },
    tmux: { socket: `gt-${HASH}`, socket_path: TOWN_AT.socket, running: true, pid: 700, session_count: 1 },
    agents: [
      agent('mayor', 'mayor/', 'hq-mayor', 'coordinator', { state: 'idle' }),
      agent('deacon', 'deacon/', 'hq-deacon', 'health-check', {}),
    ],
    rigs: [
      {
        ...{
          name: 'tickets',
          polecats: null,
          polecat_count: 0,
          crews: ['max'],
          crew_count: 1,
          has_witness: false,
          has_refinery: false,
        },
        hooks: [{ agent: 'tickets/crew/max', role: 'crew', has_work: true, title: 'Sort the inbox of tickets' }],
        agents: [
          agent('max', 'tickets/crew/max', TOWN_AT.session, 'crew', {
            ...{ running: true, has_work: true, hook_bead: 'tk-7', work_title: 'Sort the inbox of tickets' },
            ...{ state: 'idle', agent_info: 'claude/sonnet' },
          }),
        ],
        mq: { pending: 0, in_flight: 0, blocked: 0, state: 'idle', health: 'empty' },
      },
    ],
    summary: { rig_count: 1, polecat_count: 0, crew_count: 1, witness_count: 0, refinery_count: 0, active_hooks: 1 },
  })
}

const gastownText = (): string => {
  const item = (id: string, title: string, status: string) => ({
    id,
    title,
    status,
    dependency_type: 'tracks',
    issue_type: 'task',
  })
  const convoy = {
    ...{ id: 'hq-cv-1', title: 'Tickets before the weekend', status: 'open', created_at: '@{start.iso-90000}' },
    tracked: [
      { ...item('tk-7', 'Sort the inbox of tickets', 'hooked'), assignee: 'tickets/crew/max' },
      item('tk-5', 'Close what is answered', 'closed'),
    ],
    ...{ completed: 1, total: 2 },
  }
  const rigs = {
    version: 1,
    rigs: { tickets: { git_url: 'https://git.example/tickets.git', beads: { repo: 'local', prefix: 'tk' } } },
  }
  return sections({
    'town.1': `${TOWN}\n\n`,
    'rigs.1': `${JSON.stringify(rigs)}\n`,
    'status.1': `${townStatus()}\n`,
    'convoys.1': `${JSON.stringify([convoy])}\n`,
  })
}

const ABSENT = `vc-tool 1 ${NONCE}\n\u001e${NONCE} missing\n\u001f${NONCE} 127\n\u001e${NONCE} end`

/** The answers of orchestrators on this machine, by file name. All its agents sit in tmux. */
export const orchestratorOutputs = (machine: DemoMachine) => ({
  'ntm-list.txt': { ask: 'ntm.list', text: machine.id === NTM_AT ? ntmText(machine) : ABSENT, durationMs: 110 },
  'gastown.txt': {
    ask: 'gastown.towns',
    text: machine.id === TOWN_AT.machine ? gastownText() : ABSENT,
    durationMs: 640,
  },
  'terminals.txt': { ask: 'terminals.holders', text: 'vc-terminals 1\tLinux\t-\nend\n', durationMs: 4 },
})

/** Path to text of what orchestrators keep on this machine's disk. */
export const orchestratorFiles = (machine: DemoMachine): readonly (readonly [string, string])[] => {
  const line = (ts: string, type: string, actor: string, payload: object): string =>
    JSON.stringify({ ts, source: 'gt', type, actor, payload, visibility: 'feed' })
  const events = [
    line('@{start.iso-7200}', 'sling', 'mayor', { bead: 'tk-7', target: 'tickets/crew/max' }),
    line('@{start.iso-3600}', 'mail', 'mayor', { to: 'tickets/crew/max', subject: 'Tickets before the weekend' }),
  ]
  const sql = ntmStateSql(machine)
  return [
    ...(sql === null ? [] : [[`${HOME}/.config/ntm/state.db.sql`, sql] as const]),
    ...(machine.id === TOWN_AT.machine ? [[`${TOWN}/.events.jsonl`, `${events.join('\n')}\n`] as const] : []),
  ]
}
