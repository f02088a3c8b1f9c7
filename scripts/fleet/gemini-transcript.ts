import type { DemoAgent } from './describe.ts'
import { answersOf, type DemoTranscript, HOME, sessionIdOf } from './session-facts.ts'

export const projectDirOf = ({ cwd }: DemoAgent): string => `${HOME}/.gemini/tmp/${cwd.split('/').at(-1)}`

/** `~/.gemini/tmp/<project>/chats/session-….jsonl` of one agent. */
export const geminiTranscript = (agent: DemoAgent): DemoTranscript => {
  const { usage } = agent
  const sessionId = sessionIdOf(agent)
  const head = {
    sessionId,
    projectHash: '',
    startTime: '@{start.iso-600000}',
    lastUpdated: '@{start.iso-600000}',
    kind: 'main',
  }
  const answers = answersOf(agent).map(({ at, id }) => ({
    ...{ id, timestamp: `@{${at('iso')}}`, type: 'gemini', content: '', thoughts: [] },
    tokens: {
      ...{ input: usage.input, output: usage.output, cached: usage.cached, thoughts: 90, tool: 0 },
      total: usage.input + usage.output + 90,
    },
    model: usage.model,
  }))
  const touched = { $set: { lastUpdated: '@{start.iso-30}' } }
  const asked = { id: `${sessionId}-asked`, timestamp: '@{start.iso-30}', type: 'user', content: [{ text: '' }] }
  const path = `${projectDirOf(agent)}/chats/session-2026-01-01T08-00-${sessionId.slice(0, 8)}.jsonl`
  return { path, lines: [head, ...answers, touched], newest: [asked] }
}
