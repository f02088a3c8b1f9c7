import type { Screen } from '../screen.ts'
import { widthOf } from '../view/cell.ts'
import { type Span, span } from '../view/line.ts'

/** How a screen is reached: `1`, or `gc` for a letter. */
export const screenKeyText = ({ key }: Screen): string => (/^\d$/.test(key) ? key : `g${key}`)

export interface Tab {
  readonly id: string
  readonly from: number
  readonly to: number
}

/** A word for the bar where not all titles fit; screens that are not here keep their title. */
export const SHORT_TITLES: Readonly<Record<string, string>> = {
  overview: 'Over',
  machine: 'Mach',
  accounts: 'Accts',
  guardian: 'Guard',
  mcp: 'MCP',
}

type Titles = 'whole' | 'short' | 'none'
/** Titles of the screens with a digit, and of those behind `g`: those can also stand there as letters, or as one word. */
type Fit = readonly [digits: Titles, letters: Titles | 'letters' | 'word']

// From the most to the least; the open screen has its whole title always.
const FITS: readonly Fit[] = [
  ['whole', 'whole'],
  ['whole', 'short'],
  ['whole', 'letters'],
  ['short', 'letters'],
  ['short', 'word'],
  ['none', 'letters'],
  ['none', 'word'],
]

interface Mark {
  readonly id: string | null
  readonly text: string
  readonly here?: true
}

const hasDigit = ({ key }: Screen): boolean => /^\d$/.test(key)

const titled = (screen: Screen, titles: Titles): Mark => {
  const { id, title } = screen
  const words = titles === 'none' ? '' : titles === 'short' ? (SHORT_TITLES[id] ?? title) : title
  return { id, text: ` ${screenKeyText(screen)}${words === '' ? '' : ` ${words}`} ` }
}

const opened = (screen: Screen): Mark => ({
  id: screen.id,
  text: `[${screenKeyText(screen)} ${screen.title}]`,
  here: true,
})

const marksOf = (screens: readonly Screen[], open: string, [digits, letters]: Fit): readonly Mark[] => {
  const mark = (titles: Titles) => (one: Screen) => (one.id === open ? opened(one) : titled(one, titles))
  const behind = screens.filter((one) => !hasDigit(one))
  const first = screens.filter(hasDigit).map(mark(digits))
  if (letters !== 'letters' && letters !== 'word') return [...first, ...behind.map(mark(letters))]
  const others = behind.filter(({ id }) => id !== open)
  return [
    ...first,
    ...behind.filter(({ id }) => id === open).map(opened),
    ...(others.length > 0 ? [{ id: null, text: ' g…' }] : []),
    ...(letters === 'letters' ? others.map(({ id, key }) => ({ id, text: `${key} ` })) : []),
  ]
}

const wide = (marks: readonly Mark[]): number => marks.reduce((sum, { text }) => sum + widthOf(text), 1)

/** The bar of screens, and where each stands for the mouse. Titles are shortened and left out before keys are, never cut. */
export const tabLine = (
  screens: readonly Screen[],
  open: string,
  width: number,
): { readonly line: readonly Span[]; readonly tabs: readonly Tab[] } => {
  const all = FITS.map((fit) => marksOf(screens, open, fit))
  const marks = all.find((one) => wide(one) <= width) ?? all.at(-1) ?? []
  const line: Span[] = [span(' ')]
  const tabs: Tab[] = []
  let x = 1
  for (const { id, text, here } of marks) {
    if (x + widthOf(text) > width) break
    line.push(here ? { text, tone: 'accent', bold: true } : span(text, 'muted'))
    if (id !== null) tabs.push({ id, from: x, to: x + widthOf(text) - 1 })
    x += widthOf(text)
  }
  return { line, tabs }
}
