import type { Random } from './random.ts'
import { addTruth, type SessionTruth } from './session-truth.ts'

export const GEMINI_CANARIES = [
  'CANARY-prompt-a1c4',
  'CANARY-answer-f00d',
  'CANARY-thought-77e2',
  'CANARY-tool-5b5b',
  'CANARY-error-c3d1',
  'CANARY-oauth-9d9d',
  'CANARY-logs-1e44',
  'CANARY-account-3a3a',
] as const
const [PROMPT, ANSWER, THOUGHT, TOOL, ERROR] = GEMINI_CANARIES

export interface GeminiTokens {
  readonly input: number
  readonly output: number
  readonly cached: number
  readonly thoughts: number
  readonly tool: number
  readonly total: number
}

interface ChatMessage {
  readonly id: string
  readonly timestamp: string
  readonly type: string
  readonly tokens?: GeminiTokens | null
  readonly [key: string]: unknown
}

/** One chat while it is being written: its lines so far and the messages a rewrite would repeat. */
export interface Chat {
  readonly sessionId: string
  readonly lines: string[]
  readonly messages: ChatMessage[]
  atMs: number
}

export interface ChatWriter {
  readonly random: Random
  readonly sessions: Record<string, SessionTruth>
}

const stamp = (chat: Chat): string => new Date(chat.atMs).toISOString()

export const header = (chat: Chat, projectHash: string, kind: 'main' | 'subagent') => ({
  sessionId: chat.sessionId,
  projectHash,
  startTime: stamp(chat),
  lastUpdated: stamp(chat),
  kind,
})

const write = (chat: Chat, record: unknown): void => {
  chat.lines.push(JSON.stringify(record))
  chat.lines.push(JSON.stringify({ $set: { lastUpdated: stamp(chat) } }))
}

const someTokens = (random: Random): GeminiTokens => {
  const input = random.int(200, 250_000)
  const cached = random.chance(0.6) ? random.int(0, input) : 0
  const output = random.int(1, 5_000)
  const thoughts = random.chance(0.5) ? random.int(1, 3_000) : 0
  return { input, output, cached, thoughts, tool: 0, total: input + output + thoughts }
}

const count = (writer: ChatWriter, chat: Chat, tokens: GeminiTokens): void =>
  addTruth(writer.sessions, chat.sessionId, {
    input: tokens.input - tokens.cached + tokens.tool,
    output: tokens.output + tokens.thoughts,
    cacheRead: tokens.cached,
    cacheWrite: 0,
    reasoning: tokens.thoughts,
  })

const prompt = (writer: ChatWriter, chat: Chat): void => {
  chat.atMs += writer.random.int(500, 90_000)
  // Text that looks like numbers of a record must not be taken for them.
  const text = `${PROMPT} {"type":"gemini","tokens":{"input":999999,"output":999999}}`
  const message = { id: writer.random.uuid(), timestamp: stamp(chat), type: 'user', content: [{ text }] }
  chat.messages.push(message)
  write(chat, message)
}

const toolCalls = (writer: ChatWriter) => [
  {
    id: `run_shell_command__${writer.random.hex(8)}`,
    name: 'run_shell_command',
    // A structure that looks like usage, inside somebody's arguments.
    args: { command: TOOL, tokens: { input: 888_888, output: 888_888 }, type: 'gemini' },
    result: [{ functionResponse: { response: { output: TOOL } } }],
    status: writer.random.pick(['success', 'cancelled', 'error']),
  },
]

type Shape = 'plain' | 'tool' | 'late' | 'growing' | 'never'
const SHAPES: readonly Shape[] = ['plain', 'plain', 'tool', 'tool', 'late', 'growing', 'never']

/** One model message, written the way the CLI writes it: often twice, sometimes with its numbers only later. */
const answer = (writer: ChatWriter, chat: Chat): void => {
  chat.atMs += writer.random.int(100, 30_000)
  const shape = writer.random.pick(SHAPES)
  const tokens = someTokens(writer.random)
  const message = {
    id: writer.random.uuid(),
    timestamp: stamp(chat),
    type: 'gemini',
    content: ANSWER,
    thoughts: [{ subject: THOUGHT, description: THOUGHT }],
    tokens,
    model: writer.random.pick(['gemini-2.5-flash', 'gemini-2.5-pro', 'gemini-9-unheard']),
  }
  const small = { ...tokens, output: 1, thoughts: 0, total: tokens.input + 1 }
  if (shape === 'growing' && tokens.output > 1) write(chat, { ...message, tokens: small })
  if (shape === 'late') write(chat, { ...message, tokens: null })
  const last = shape === 'never' ? { ...message, tokens: null } : message
  write(chat, last)
  if (shape === 'tool') write(chat, { ...message, toolCalls: toolCalls(writer) })
  chat.messages.push(last)
  if (shape !== 'never') count(writer, chat, tokens)
}

const failure = (writer: ChatWriter, chat: Chat): void => {
  chat.atMs += writer.random.int(100, 5_000)
  const content = `[API Error: {"error":{"code":401,"message":"${ERROR}"}}]`
  write(chat, { id: writer.random.uuid(), timestamp: stamp(chat), type: 'error', content })
}

/** After Esc or /compress: old messages once more under new ids without numbers, then the whole history as one line. */
const rewrite = (writer: ChatWriter, chat: Chat): void => {
  const copies = chat.messages.map((message) => ({ ...message, id: writer.random.uuid(), tokens: null }))
  for (const copy of copies.slice(0, 3)) write(chat, copy)
  chat.lines.push(JSON.stringify({ $set: { messages: copies, lastUpdated: stamp(chat) } }))
  // Some builds keep numbers in the rewritten history: the same ids again, not new usage.
  chat.lines.push(JSON.stringify({ $set: { messages: chat.messages } }))
}

const rewind = (writer: ChatWriter, chat: Chat): void => {
  const to = writer.random.pick(chat.messages)
  chat.lines.push(JSON.stringify({ $rewindTo: to.id }))
}

/** Adds turns with every trap of the format. */
export const addTurns = (writer: ChatWriter, chat: Chat, turns: number): void => {
  for (let turn = 0; turn < turns; turn += 1) {
    prompt(writer, chat)
    for (let n = writer.random.int(1, 3); n > 0; n -= 1) answer(writer, chat)
    if (writer.random.chance(0.2)) failure(writer, chat)
    if (writer.random.chance(0.2)) rewrite(writer, chat)
    if (writer.random.chance(0.15)) rewind(writer, chat)
  }
}
