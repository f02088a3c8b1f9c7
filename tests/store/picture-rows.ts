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
