import { themes } from '../../src/tui/themes/index.ts'

/** A run of one row in one look, as `tmux capture-pane -e` tells it. */
interface Run {
  readonly text: string
  readonly fg: string
  readonly bg: string
  readonly inverse: boolean
}

/** A title that is painted as the one of the panel with the focus; two with the same words stand at different places. */
export interface FocusedTitle {
  readonly title: string
  /** `row:column` of the first letter. */
  readonly at: string
}

const DEFAULT = 'default'
const colour = (value: number | null | undefined): string =>
  value === null || value === undefined ? DEFAULT : String(value)

type Style = Omit<Run, 'text'>
const PLAIN: Style = { fg: DEFAULT, bg: DEFAULT, inverse: false }

/** A look after an escape; bold and the like do not tell the focus. */
const restyled = (from: Style, codes: readonly number[]): Style => {
  let style = from
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0
    if (code === 0) style = PLAIN
    else if (code === 7 || code === 27) style = { ...style, inverse: code === 7 }
    else if (code === 38 || code === 48) {
      // `38;5;n` is a colour of the table, `38;2;r;g;b` one of no table.
      const value = codes[at + 1] === 5 ? String(codes[at + 2]) : 'true colour'
      style = code === 38 ? { ...style, fg: value } : { ...style, bg: value }
      at += codes[at + 1] === 5 ? 2 : 4
    } else if (code >= 30 && code <= 39) style = { ...style, fg: code === 39 ? DEFAULT : String(code - 30) }
    else if (code >= 40 && code <= 49) style = { ...style, bg: code === 49 ? DEFAULT : String(code - 40) }
    else if (code >= 90 && code <= 97) style = { ...style, fg: String(code - 82) }
  }
  return style
}

/** Rows of a capture as runs of one look. tmux carries a look over the end of a row. */
const runsOf = (capture: string): readonly (readonly Run[])[] => {
  let style: Style = PLAIN
  return capture.split('\n').map((row) => {
    const runs: Run[] = []
    for (const [, codes, text = ''] of row.matchAll(/\u001b\[([\d;]*)m|([^\u001b]+)/g))
      if (codes === undefined) runs.push({ text, ...style })
      else style = restyled(style, codes.split(/[;:]/).map(Number))
    return runs
  })
}

const focusLooks = new Set(themes.map(({ parts }) => `${colour(parts.focusTitle.fg)} on ${colour(parts.ground.bg)}`))

const hasFocus = ({ fg, bg, inverse }: Run): boolean => inverse || focusLooks.has(`${fg} on ${bg}`)

/** The titles of frames that are painted as the focus is, in whatever theme, from `tmux capture-pane -e`. */
export const focusedTitles = (capture: string): readonly FocusedTitle[] =>
  runsOf(capture).flatMap((runs, y) => {
    let x = 0
    return runs.flatMap((run, index) => {
      const column = x + 1
      x += run.text.length
      const title = /^ (.+) $/.exec(run.text)?.[1]
      const begins = runs[index - 1]?.text.endsWith('┌─') ?? false
      return title !== undefined && begins && hasFocus(run) ? [{ title, at: `${y}:${column}` }] : []
    })
  })
