import type { DemoAgent } from './describe.ts'
import { bareMarks } from './live-text.ts'
import { answersOf, sessionIdOf } from './session-facts.ts'

const SCHEMA = `CREATE TABLE session (id text PRIMARY KEY, parent_id text, directory text NOT NULL, title text NOT NULL,
  version text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL);
CREATE TABLE message (id text PRIMARY KEY, session_id text NOT NULL, time_created integer NOT NULL,
  time_updated integer NOT NULL, data text NOT NULL);
CREATE TABLE part (id text PRIMARY KEY, message_id text NOT NULL, session_id text NOT NULL,
  time_created integer NOT NULL, time_updated integer NOT NULL, data text NOT NULL);
CREATE INDEX message_session_time_created_id_idx ON message (session_id, time_created, id);
CREATE INDEX part_message_id_id_idx ON part (message_id, id);`

const messageRow = (agent: DemoAgent, { at, id }: ReturnType<typeof answersOf>[number]): string => {
  const { usage, cwd } = agent
  const moment = `@{${at('epochms')}}`
  const json = JSON.stringify({
    ...{ role: 'assistant', mode: 'build', agent: 'build', path: { cwd, root: cwd }, cost: 0 },
    tokens: { input: usage.input, output: usage.output, reasoning: 0, cache: { read: usage.cached, write: 0 } },
    ...{ modelID: usage.model, providerID: 'anthropic', finish: 'tool-calls' },
    time: { created: `@@${at('epochms')}@@`, completed: `@@${at('epochms')}@@` },
  })
  const data = bareMarks(json)
  return `INSERT INTO message VALUES ('msg_${id}', '${sessionIdOf(agent)}', ${moment}, ${moment}, '${data}');`
}

/** The SQL that makes `opencode.db` of a machine with these agents. */
export const opencodeSql = (agents: readonly DemoAgent[]): string => {
  const sessions = agents.map(
    (agent) =>
      `INSERT INTO session VALUES ('${sessionIdOf(agent)}', NULL, '${agent.cwd}', '', '1.18.33', @{start.epochms-600000}, @{start.epochms-60});`,
  )
  const messages = agents.flatMap((agent) => answersOf(agent).map((answer) => messageRow(agent, answer)))
  return [SCHEMA, ...sessions, ...messages, ''].join('\n')
}
