import type { Row } from '../../src/core/rows.ts'
import { at } from './support.ts'

export const pane = (id: string, more = {}) => ({
  socket: 'default',
  server_start_epoch_s: 7,
  pane_id: id,
  dead: false,
  ...more,
})
export const agent = (id: string, more = {}) => ({
  agent_id: id,
  cli: 'claude',
  kind: 'observed',
  first_seen: at(0),
  ...more,
})

/** An agent that vc keeps on atlas, stopped unless said otherwise. */
export const managedAgent = (id: string, more: Row = {}): Row => ({
  ...{
    agent_id: `atlas/${id}`,
    machine_id: 'atlas',
    cli: 'claude',
    role: 'coder',
    tier: 'sonnet',
    tier_reason: 'role',
  },
  ...{ isolation: 'none', cwd: '/srv/code/a', spec_json: '{}', argv_json: '[]', host: 'tmux', launches: 1 },
  ...{ restart_policy: 'never', wanted: 'stop', status: 'stopped', status_at: at(0), restarts: 0, crashes_json: '[]' },
  ...{ created_at: at(0), created_by: 'ann', started_at: at(0), ...more },
})
