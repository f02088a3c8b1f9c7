import type { Refusal } from '../../core/action.ts'

/** A dialog as vc shows it before the yes: title, body, options, hash, what vc would do. */
export interface ShownDialog {
  readonly agent: string
  readonly cli: string
  readonly lines: readonly string[]
}

const HASH = /^dialog ([0-9a-f]{12})$/

/** The beginning of the hash by which vc names the dialog it shows; null: it shows none. */
export const dialogShown = ({ lines }: ShownDialog): string | null =>
  lines.map((line) => HASH.exec(line)?.[1]).findLast((hash) => hash !== undefined) ?? null

// The body is indented, and so are the options; what looks like an option is not taken for a command.
const quotes = (line: string): boolean => /^ {2} *\S/.test(line) && !/^ {2}\[\d+\] /.test(line)

/** Why others cannot be told to wait with the same: without a hash and quoted words two questions only look alike. */
export const nothingToCompare = (dialog: ShownDialog): Refusal | null =>
  dialogShown(dialog) !== null && dialog.lines.some(quotes)
    ? null
    : {
        code: 'nothing_to_compare',
        message: `the dialog of ${dialog.agent} quotes no command that others could be compared with`,
        fix: `answer it alone: vc agent approve ${dialog.agent}`,
      }

/** The same CLI asks the same, word for word: title, quoted command, options and what vc would press. */
export const isSameDialog = (one: ShownDialog, other: ShownDialog): boolean =>
  nothingToCompare(one) === null &&
  one.cli === other.cli &&
  one.lines.length === other.lines.length &&
  one.lines.every((line, at) => line === other.lines[at])

/** An agent as the store knows it. */
export interface WaitingAgent {
  readonly agent: string
  readonly cli: string
  readonly kind: string
  readonly state: string
  readonly cwd: string | null
}

/** Others who may wait with the same dialog: the same CLI, steered by vc, waiting for an approval too. */
export const mayWaitAlike = (
  first: Pick<WaitingAgent, 'agent' | 'cli'>,
  all: readonly WaitingAgent[],
): readonly WaitingAgent[] =>
  all.filter(
    (one) =>
      one.agent !== first.agent && one.cli === first.cli && one.kind !== 'observed' && one.state === 'needs_approval',
  )
