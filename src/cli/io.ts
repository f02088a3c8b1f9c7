import type { Readable, Writable } from 'node:stream'
import { styleText } from 'node:util'
import type { TypedAs } from './typed-as.ts'

/** Something only a person may answer. */
export interface PersonQuestion {
  readonly message: string
  /** `yes`: yes or no; `text`: a line; `secret`: a line that nobody may read. */
  readonly kind: 'yes' | 'text' | 'secret'
}

/** The terminal as a command sees it; tests pass strings instead. */
export interface CliIo {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
  /** How commands are typed that a sentence names; absent: by name. */
  readonly typedAs?: TypedAs
  /** Where a screen holds the terminal, it asks in its own way; null is no answer. */
  readonly ask?: (question: PersonQuestion) => Promise<string | null>
}

export type Tone = 'good' | 'bad' | 'warn' | 'dim' | 'strong'
export type Paint = (tone: Tone, text: string) => string

const STYLES = { good: 'green', bad: 'red', warn: 'yellow', dim: 'dim', strong: 'bold' } as const

/** `--no-color`, then NO_COLOR, then FORCE_COLOR, then whether a person looks. */
export function wantsColour(io: CliIo, flag = true): boolean {
  if (!flag || io.env.NO_COLOR) return false
  if (io.env.FORCE_COLOR !== undefined) return !['0', 'false'].includes(io.env.FORCE_COLOR)
  return io.stdout.isTTY === true && io.env.TERM !== 'dumb'
}

// The oldest Node that runs vc knows the third word; its types do not.
const style = styleText as (
  format: Parameters<typeof styleText>[0],
  text: string,
  how: { readonly validateStream: boolean },
) => string

export const paintFor = (colour: boolean): Paint =>
  colour ? (tone, text) => style(STYLES[tone], text, { validateStream: false }) : (_, text) => text

/** Whether somebody is there to answer a question. A terminal without width (some scripts make one) cannot show it. */
export const isInteractive = (io: CliIo): boolean =>
  io.ask !== undefined || (io.stdin.isTTY === true && io.stdout.isTTY === true && io.stdout.columns !== 0)
