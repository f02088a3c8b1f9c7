import type { DemoAgent } from './describe.ts'
import { answersOf, type DemoTranscript, HOME, sessionIdOf, uuidOf } from './session-facts.ts'

const WINDOW_TOKENS = 258_400

const line = (timestamp: string, type: string, payload: object) => ({ timestamp, ordinal: 0, type, payload })

// Marks for numbers stand as text in the objects; the player's clock needs them bare.
const seconds = (shift: string): string => `@@start.epoch${shift}@@`

const limitsOf = ({ state }: DemoAgent) => {
  const window = (used_percent: number, window_minutes: number, shift: string) => ({
    ...{ used_percent, window_minutes, resets_at: seconds(shift) },
  })
  const primary = window(state === 'rate_limited' ? 100 : 42, 300, '+4200')
  return { limit_id: 'codex', limit_name: null, primary, secondary: window(61, 10_080, '+260000'), plan_type: 'plus' }
}

const endOf = (agent: DemoAgent, turn: object): readonly object[] => {
  const trouble = {
    failed: { codex_error_info: { response_too_many_failed_attempts: { http_status_code: 500 } } },
    rate_limited: { codex_error_info: 'usage_limit_exceeded' },
  }
  const error = agent.state === 'failed' || agent.state === 'rate_limited' ? { error: trouble[agent.state] } : {}
  return [line('@{start.iso-300}', 'event_msg', { type: 'task_complete', ...turn, last_agent_message: '', ...error })]
}

/** `~/.codex/sessions/…/rollout-….jsonl` of one agent. */
export const codexTranscript = (agent: DemoAgent): DemoTranscript => {
  const { cwd, usage } = agent
  const id = sessionIdOf(agent)
  const turn_id = uuidOf(`turn ${id}`)
  const total = usage.input + usage.output
  const counters = {
    ...{ input_tokens: usage.input, cached_input_tokens: usage.cached, cache_write_input_tokens: 0 },
    ...{ output_tokens: usage.output, reasoning_output_tokens: Math.round(usage.output / 3), total_tokens: total },
  }
  const records = answersOf(agent).map(({ at, id: answer }) =>
    line(`@{${at('iso')}}`, 'token_usage_record', {
      ...{ thread_id: id, turn_id, session_id: id, root_turn_id: turn_id, response_id: `resp_${answer}` },
      ...{ usage: counters, turn_token_usage: counters },
    }),
  )
  const started = seconds('-900')
  const info = { total_token_usage: counters, last_token_usage: counters, model_context_window: WINDOW_TOKENS }
  const meta = line('@{start.iso-600000}', 'session_meta', {
    ...{ session_id: id, id, timestamp: '@{start.iso-600000}', cwd, originator: 'codex-tui', cli_version: '0.169.0' },
    ...{ source: 'cli', thread_source: 'user', model_provider: 'openai', git: { branch: 'main' } },
  })
  const context = line('@{start.iso-600000}', 'turn_context', { turn_id, cwd, model: usage.model })
  const begun = line('@{start.iso-900}', 'event_msg', { type: 'task_started', turn_id, started_at: started })
  const counted = line('@{start.iso-310}', 'event_msg', { type: 'token_count', info, rate_limits: limitsOf(agent) })
  const end = endOf(agent, { turn_id, started_at: started })
  const path = `${HOME}/.codex/sessions/2026/01/01/rollout-2026-01-01T08-00-00-${id}.jsonl`
  return { path, lines: [meta, context, begun, ...records, counted, ...end], newest: [meta, begun, counted, ...end] }
}
