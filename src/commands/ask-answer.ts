import type { AskRequest, Reply } from '../core/carrier.ts'
import { pasteable } from '../core/shell-word.ts'
import type { Named, NameKind } from '../oracle/ask-names.ts'
import type { Span } from '../oracle/ask-span.ts'

/** One fact an answer rests on, and the named query it came from. */
export interface AskEvidence {
  readonly text: string
  readonly from: string
}

export interface AskCommand {
  /** One line that can be pasted into a shell. */
  readonly command: string
  readonly reason: string
}

/** What one kind of question is answered with. */
export interface AskAnswer {
  readonly answer: string
  readonly evidence: readonly AskEvidence[]
  readonly commands: readonly AskCommand[]
  /** What the answer leaves out of account. */
  readonly notes?: readonly string[]
}

/** What a question was read as, and the one way to look: fixed named queries. */
export interface AskAbout {
  readonly ask: (topic: string, params?: AskRequest['params']) => Promise<Reply>
  readonly named: readonly Named[]
  readonly span: Span | null
  /** What sums are to be told by; null: the question does not say. */
  readonly by: string | null
}

export type Answerer = (about: AskAbout) => Promise<AskAnswer>

export const namedOf = (about: AskAbout, kind: NameKind): string | undefined =>
  about.named.find((one) => one.kind === kind)?.name

/** The parameters of a topic that is narrowed to the machine of the question, if it names one. */
export const onMachine = (about: AskAbout): Record<string, string> => {
  const machine = namedOf(about, 'machine')
  return machine === undefined ? {} : { machine }
}

export const command = (words: readonly string[], reason: string): AskCommand => ({
  command: pasteable(['vc', ...words]),
  reason,
})

export const from = (topic: string, texts: readonly (string | null)[]): AskEvidence[] =>
  texts.flatMap((text) => (text === null ? [] : [{ text, from: topic }]))

const SHOWN = 8

/** The first of many, and how many were left out. */
export const few = (texts: readonly string[]): readonly string[] =>
  texts.length <= SHOWN ? texts : [...texts.slice(0, SHOWN), `… and ${texts.length - SHOWN} more`]

export const pctWords = (value: number | null): string => (value === null ? 'unknown' : `${Math.round(value)} %`)
export const ageWords = (seconds: number | null): string =>
  seconds === null ? 'never' : seconds < 120 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`
