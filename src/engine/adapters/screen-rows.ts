/** A stretch of one row in one style. */
export interface StyledRun {
  readonly text: string
  readonly dim: boolean
  readonly reverse: boolean
  readonly fg: string | null
  readonly bg: string | null
}

const SGR = /\u001b\[([0-9;:]*)m/g
const OTHER_ESCAPES =
  /\u001b(?:\[[0-9;?]*[ -/]*[@-ln-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[()*+][0-9A-Za-z]|[@-Z\\^_])|[\u000e\u000f]/g

interface Style {
  readonly dim: boolean
  readonly reverse: boolean
  readonly fg: string | null
  readonly bg: string | null
}

const PLAIN: Style = { dim: false, reverse: false, fg: null, bg: null }

/** How many numbers of `38;…` belong to the colour. */
const colourLength = (codes: readonly number[], at: number): number =>
  codes[at + 1] === 2 ? 5 : codes[at + 1] === 5 ? 3 : 1

function applied(style: Style, sgr: string): Style {
  const codes = sgr === '' ? [0] : sgr.split(/[;:]/).map(Number)
  let next = style
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0
    if (code === 0) next = PLAIN
    else if (code === 2) next = { ...next, dim: true }
    else if (code === 22) next = { ...next, dim: false }
    else if (code === 7) next = { ...next, reverse: true }
    else if (code === 27) next = { ...next, reverse: false }
    else if (code === 38 || code === 48) {
      const length = colourLength(codes, at)
      const colour = codes.slice(at, at + length).join(';')
      next = code === 38 ? { ...next, fg: colour } : { ...next, bg: colour }
      at += length - 1
    } else if (code === 39) next = { ...next, fg: null }
    else if (code === 49) next = { ...next, bg: null }
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) next = { ...next, fg: String(code) }
    else if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) next = { ...next, bg: String(code) }
  }
  return next
}

/** The rows of a capture with colours, each as runs of one style; styles go on over row ends, as tmux prints them. */
export function styledRows(ansi: string): readonly (readonly StyledRun[])[] {
  let style = PLAIN
  return ansi
    .replace(OTHER_ESCAPES, '')
    .split('\n')
    .slice(-300)
    .map((row) => {
      const runs: StyledRun[] = []
      let from = 0
      const push = (text: string): void => {
        if (text !== '') runs.push({ text: text.replaceAll('\u00a0', ' '), ...style })
      }
      for (const match of row.matchAll(SGR)) {
        push(row.slice(from, match.index))
        style = applied(style, match[1] ?? '')
        from = match.index + match[0].length
      }
      push(row.slice(from))
      return runs
    })
}

export const textOf = (runs: readonly StyledRun[]): string => runs.map((run) => run.text).join('')

const ESCAPES = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-_])/g

/** Plain rows: no escapes, NBSP as space, no trailing blanks, empty bottom cut. */
export function plainRows(screen: string): readonly string[] {
  const rows = screen
    .slice(-200_000)
    .replace(ESCAPES, '')
    .split('\n')
    .map((row) => row.replaceAll('\u00a0', ' ').slice(0, 2_000).trimEnd())
  while (rows.length > 0 && rows.at(-1)?.trim() === '') rows.pop()
  return rows.slice(-200)
}

export interface OptionRow {
  readonly number: number
  readonly label: string
  readonly selected: boolean
}

const OPTION = /^\s*(?:[│┃]\s?)?\s*([❯›●>]\s+)?(\d{1,2})\.\s+(\S.*?)\s*[│┃]?$/

/** Numbered rows of the last list on the screen, in order; empty when their numbers do not run from 1 without a gap. */
export function optionRows(rows: readonly string[]): readonly OptionRow[] {
  const found: OptionRow[] = []
  for (const row of rows) {
    const match = OPTION.exec(row)
    if (match === null) continue
    const number = Number(match[2])
    if (number === 1) found.length = 0
    found.push({ number, label: match[3] ?? '', selected: match[1] !== undefined })
  }
  return found.every((row, at) => row.number === at + 1) ? found : []
}

/** The last list on the screen is the dialog's own: as many rows, each beginning like its label. */
export const agrees = (rows: readonly OptionRow[], labels: readonly string[]): boolean =>
  rows.length > 0 &&
  rows.length === labels.length &&
  rows.every((row, at) => labels[at]?.startsWith(row.label) === true)

/** What stands in an input line drawn over these rows, without its prompt sign and the indent of further rows. */
export const typedIn = (
  rows: readonly string[],
  frame: { readonly from: number; readonly to: number },
  prompt: RegExp,
): string =>
  rows
    .slice(frame.from, frame.to)
    .map((row, at) => (at === 0 ? row.replace(prompt, '') : row.replace(/^ {1,2}/, '')))
    .join('\n')
    .trim()
