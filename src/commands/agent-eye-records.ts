import { asArray, asObject, asText, type Json } from '../collectors/agent-evidence/json.ts'
import type { AgentCli } from '../core/agent.ts'

/** Prompts of one transcript line: sent to the model, or kept until the turn ends. */
export interface PromptsOfLine {
  readonly sent: readonly string[]
  readonly kept: readonly string[]
}

const NONE: PromptsOfLine = { sent: [], kept: [] }

const texts = (content: unknown, type: string): readonly string[] =>
  typeof content === 'string'
    ? [content]
    : asArray(content)
        .map(asObject)
        .filter((part) => type === '' || part.type === type)
        .flatMap((part) => asText(part.text) ?? [])

// A paste that was folded on the screen stands wrapped in the record.
const WRAPPED = /^\s*<pasted_content id="[\w-]{1,40}">([\s\S]*)<\/pasted_content(?: id="[\w-]{1,40}")?>\s*$/
const unwrapped = (text: string): string => WRAPPED.exec(text)?.[1] ?? text

function ofClaude(line: Json): PromptsOfLine {
  if (line.type === 'queue-operation')
    return line.operation === 'enqueue' ? { sent: [], kept: texts(line.content, 'text').map(unwrapped) } : NONE
  if (line.type !== 'user' || line.isMeta === true || line.isSidechain === true) return NONE
  return { sent: texts(asObject(line.message).content, 'text').map(unwrapped), kept: [] }
}

function ofCodex(line: Json): PromptsOfLine {
  const payload = asObject(line.payload)
  if (line.type !== 'response_item' || payload.type !== 'message' || payload.role !== 'user') return NONE
  return { sent: texts(payload.content, 'input_text'), kept: [] }
}

/** A patch (`$set`) repeats old messages: only records of their own count. */
const ofGemini = (line: Json): PromptsOfLine =>
  line.type === 'user' ? { sent: texts(line.content, ''), kept: [] } : NONE

const BY_CLI: Readonly<Partial<Record<AgentCli, (line: Json) => PromptsOfLine>>> = {
  claude: ofClaude,
  codex: ofCodex,
  gemini: ofGemini,
}

const bare = (text: string): string => text.replace(/\s+/gu, '')

export interface PromptCount {
  readonly sent: number
  readonly kept: number
}

/** How often these lines hold the prompt, whole and alone; composers change blanks, so these do not count. Never throws. */
export function countPrompt(cli: AgentCli, lines: readonly string[], prompt: string): PromptCount {
  const read = BY_CLI[cli]
  const meant = bare(prompt)
  let [sent, kept] = [0, 0]
  for (const text of lines) {
    let line: Json
    try {
      line = asObject(JSON.parse(text))
    } catch {
      continue
    }
    const found = read?.(line) ?? NONE
    sent += found.sent.filter((other) => bare(other) === meant).length
    kept += found.kept.filter((other) => bare(other) === meant).length
  }
  return { sent, kept }
}
