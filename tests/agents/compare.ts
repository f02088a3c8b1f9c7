import type { Request } from './lab.ts'

/** One line of the table. `got` null: the product showed no agent for it. */
export interface Outcome {
  readonly cli: string
  readonly scenario: string
  readonly expected: readonly string[]
  readonly first: string | null
  readonly got: string | null
  readonly rule: string | null
  readonly notes: readonly string[]
}

export const isRight = (outcome: Outcome): boolean => outcome.got !== null && outcome.expected.includes(outcome.got)

/** Precision: of the states vc claimed (unknown claims nothing), how many were right. Recall: of all truths, how many it found. */
export function score(outcomes: readonly Outcome[]): { readonly precision: number; readonly recall: number } {
  const claimed = outcomes.filter((outcome) => outcome.got !== null && outcome.got !== 'unknown')
  const right = outcomes.filter(isRight).length
  return {
    precision: claimed.length === 0 ? 0 : right / claimed.length,
    recall: outcomes.length === 0 ? 0 : right / outcomes.length,
  }
}

const cell = (text: string, width: number): string => text.padEnd(width)

export function table(outcomes: readonly Outcome[]): string {
  const lines = outcomes.map((o) => [
    o.cli,
    o.scenario,
    o.expected[0] ?? '',
    o.got ?? '(no agent)',
    isRight(o) ? (o.notes.length > 0 ? 'ok, but' : 'ok') : 'WRONG',
    `${o.first === o.got ? '' : `first ${o.first ?? '(no agent)'}; `}${o.rule ?? ''}${o.notes.map((n) => `; ${n}`).join('')}`,
  ])
  const head = ['cli', 'scenario', 'expected', 'got', '', 'rule and notes']
  const widths = head.map((_, i) => Math.max(...[head, ...lines].map((line) => (line[i] ?? '').length)))
  return [head, ...lines].map((line) => line.map((text, i) => cell(text, widths[i] ?? 0)).join('  ').trimEnd()).join('\n')
}

export interface Tokens {
  readonly messages: number
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
}

const NONE: Tokens = { messages: 0, input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }

/** What the mock served in full to main requests, by model, in the ledger's meaning (input without cache, output with reasoning). */
export function servedByModel(cli: string, requests: readonly Request[]): ReadonlyMap<string, Tokens> {
  const byModel = new Map<string, Tokens>()
  for (const { main, served, model } of requests) {
    if (!main || served === undefined) continue
    const key = model ?? 'unknown'
    const sum = byModel.get(key) ?? NONE
    byModel.set(key, {
      messages: sum.messages + 1,
      input: sum.input + served.in,
      output: sum.output + served.out + (cli === 'gemini' ? served.rs : 0),
      cacheRead: sum.cacheRead + served.cr,
      cacheWrite: sum.cacheWrite + (cli === 'claude' ? served.cw : 0),
    })
  }
  return byModel
}

/** One answer of the mock, whole and cut off after its first event. */
const WHOLE: Tokens = { messages: 1, input: 1200, output: 40, cacheRead: 800, cacheWrite: 0 }
const BEGUN: Tokens = { messages: 1, input: 1200, output: 1, cacheRead: 800, cacheWrite: 300 }

const NAMES = Object.keys(NONE) as readonly (keyof Tokens)[]
const equals = (stored: Tokens, served: Tokens, times: number, unit: Tokens): boolean =>
  NAMES.every((name) => stored[name] === served[name] + times * unit[name])

/** Answers whose usage a CLI may or may not have written down when it was ended. */
export interface Loose {
  /** Cut answers of Claude: written with what the stream had told, or not at all. */
  readonly cut: number
  /** OpenCode writes usage when a step's tools have ended: killed at a dialog or in a tool it never does. */
  readonly open: number
}

export const looseOf = (cli: string, model: string, requests: readonly Request[]): Loose => {
  const main = requests.filter((request) => request.main && request.model === model)
  const calls = main.filter((r) => r.served && !r.toolDone && (r.scenario === 'tool' || r.scenario === 'subagent')).length
  const done = main.filter((request) => request.served && request.toolDone).length
  return { cut: main.filter((request) => request.begun).length, open: cli === 'opencode' ? calls - done : 0 }
}

/** Whether the ledger holds exactly what was served, but for the loose answers. */
export function agrees(served: Tokens, stored: Tokens, loose: Loose): boolean {
  const more = stored.messages - served.messages
  if (more > loose.cut || -more > loose.open) return false
  return equals(stored, served, more, more > 0 ? BEGUN : WHOLE)
}
