import type { DemoAgent } from './describe.ts'
import { answersOf, type DemoTranscript, HOME, sessionIdOf } from './session-facts.ts'

const VERSION = '2.1.329'

const newestOf = (agent: DemoAgent, base: object): readonly object[] => {
  const { model } = agent.usage
  const tool = (name: string) => ({
    ...base,
    ...{ type: 'assistant', timestamp: '@{start.iso-25}', uuid: 'newest' },
    message: {
      role: 'assistant',
      model,
      content: [{ type: 'tool_use', id: 'toolu_1', name }],
      stop_reason: 'tool_use',
    },
  })
  const ended = { ...base, type: 'system', subtype: 'turn_duration', timestamp: '@{start.iso-1500}', uuid: 'ended' }
  if (agent.state === 'asked_question') return [tool('AskUserQuestion')]
  if (agent.state === 'turn_finished') return [ended]
  if (agent.state === 'idle') return []
  return [tool('Bash')]
}

/** `~/.claude/projects/<cwd>/<session>.jsonl` of one agent. */
export const claudeTranscript = (agent: DemoAgent): DemoTranscript => {
  const { cwd, usage } = agent
  const sessionId = sessionIdOf(agent)
  const base = {
    isSidechain: false,
    userType: 'external',
    entrypoint: 'cli',
    cwd,
    sessionId,
    version: VERSION,
    gitBranch: 'main',
  }
  const lines = answersOf(agent).map(({ at, id }, i) => ({
    ...base,
    ...{ type: 'assistant', timestamp: `@{${at('iso')}}`, uuid: id, requestId: `req_${id}` },
    message: {
      ...{
        id: `msg_${id}`,
        type: 'message',
        role: 'assistant',
        model: usage.model,
        content: [],
        stop_reason: 'end_turn',
      },
      usage: {
        input_tokens: usage.input,
        cache_creation_input_tokens: 900 + (i % 5) * 400,
        cache_read_input_tokens: usage.cached + i * 120,
        output_tokens: usage.output + (i % 7) * 90,
      },
    },
  }))
  const path = `${HOME}/.claude/projects/${cwd.replaceAll('/', '-')}/${sessionId}.jsonl`
  return { path, lines, newest: newestOf(agent, base) }
}
