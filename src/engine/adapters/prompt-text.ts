import type { AgentState } from '../../core/agent.ts'
import type { PlanRefusal } from '../../core/agent-adapter.ts'

// Every control character but tab and line feed, and the bidi and line separators that hide what stands there.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu
const LINE_ENDS = /\r\n?/g

/** Longer texts are sent as a file whose path is named; terminals and composers lose them. */
export const MAX_PROMPT = 16_000

/** A prompt as it may be pasted: no byte in it can end the paste, steer the terminal or press a key. */
export const pasteText = (prompt: string): string =>
  prompt
    .replace(LINE_ENDS, '\n')
    .replace(CONTROL, '')
    .replace(/[ \t\n]+$/, '')

/** What stays equal when a composer wraps, indents or widens tabs. */
export const bare = (text: string): string => text.replace(/\s+/gu, '')

export const refusal = (code: string, state: AgentState, message: string, fix: string): PlanRefusal => ({
  refused: true,
  code,
  state,
  message,
  fix,
})

/**
 * The text to paste, or why this text would be something else than a prompt: in all four CLIs a leading `/` is a command of the
 * CLI and a leading `!` runs a shell.
 */
export function promptFor(prompt: string, state: AgentState): string | PlanRefusal {
  const text = pasteText(prompt)
  if (text.trim() === '') return refusal('empty_prompt', state, 'the prompt is empty', 'give it some words')
  if (text.length > MAX_PROMPT)
    return refusal(
      'prompt_too_long',
      state,
      `the prompt has ${text.length} characters, more than ${MAX_PROMPT}`,
      'write it to a file and name the file in the prompt',
    )
  if (/^\s*[/!]/.test(text))
    return refusal(
      'would_run_as_command',
      state,
      `a prompt that begins with "${text.trim()[0]}" is a command to this CLI`,
      'put a word in front of it',
    )
  // A word behind @ opens a list of files, in which Enter would choose instead of send.
  return /(^|\s)@\S*$/.test(text) ? `${text} ` : text
}
