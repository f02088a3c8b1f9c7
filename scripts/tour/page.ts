import { essence } from './calm.ts'
import { CHAPTERS } from './chapters.ts'
import type { Ran, Step } from './step.ts'

const FENCE = '```'

const HEAD = `# A tour of vc

The first commands of a new user and what they really print, made by \`node scripts/tour.ts\` on a home nobody used before.
\`node scripts/tour.ts --check\` runs them again and compares words, not numbers; the tests do that. Places, names and moments of
the machine it ran on are taken out. In a checkout \`vc\` is \`npx vc\`.
`

const cut = (output: string, lines: number | undefined): string => {
  const all = output.split('\n')
  return lines === undefined || all.length <= lines
    ? output
    : [...all.slice(0, lines), `… (${all.length - lines} more lines)`].join('\n')
}

const block = ({ step, exit, output }: Ran): string => {
  const shown = cut(output, step.lines)
  const lines = [`$ ${step.show}`, ...(shown === '' ? [] : [shown]), ...(exit === 0 ? [] : [`# exit code ${exit}`])]
  return `${FENCE}console\n${lines.join('\n')}\n${FENCE}`
}

/** docs/TOUR.md of one run. A chapter that did not run has no entry. */
export const tourPage = (ran: ReadonlyMap<string, readonly Ran[]>): string => {
  const chapters = CHAPTERS.flatMap(({ title, words }) => [`## ${title}`, words, ...(ran.get(title) ?? []).map(block)])
  return `${[HEAD, ...chapters].join('\n\n').replaceAll('\n\n\n', '\n\n')}\n`
}

/** The blocks of a page by chapter, as they stand there. */
const blocksOf = (page: string): ReadonlyMap<string, readonly string[]> =>
  new Map(
    page
      .split(/^## /m)
      .slice(1)
      .map((part) => {
        const title = part.slice(0, part.indexOf('\n'))
        return [title, [...part.matchAll(/^```console\n([\s\S]*?)\n```$/gm)].map(([, text = '']) => text)]
      }),
  )

const bodyOf = (text: string): string => text.slice(text.indexOf('\n') + 1)

const wrongs = (step: Step, where: string, text: string): readonly string[] =>
  (step.must ?? [])
    .filter((pattern) => !pattern.test(text))
    .map((pattern) => `${where} does not show ${pattern}:\n${text}`)

/** What differs between a page and a run, as sentences; empty when the page still tells the truth. */
export const tourDifferences = (page: string, ran: ReadonlyMap<string, readonly Ran[]>): readonly string[] => {
  const written = blocksOf(page)
  return [...ran].flatMap(([title, steps]) => {
    const blocks = written.get(title) ?? []
    if (blocks.length !== steps.length)
      return [`"${title}" has ${blocks.length} commands on the page, ${steps.length} in the tour`]
    return steps.flatMap((one, i) => stepDifferences(one, blocks[i] ?? ''))
  })
}

const stepDifferences = (one: Ran, written: string): readonly string[] => {
  const { step, exit, output } = one
  const now = block(one).replace(/^```console\n|\n```$/g, '')
  const ended = exit === step.exit ? [] : [`$ ${step.show} ended with ${exit}, not ${step.exit}:\n${output}`]
  const missing = [...wrongs(step, 'now it', output), ...wrongs(step, 'the page', bodyOf(written))]
  const firstLine = (text: string): string => essence(text.split('\n')[0] ?? '')
  const same = step.compare === 'text' ? essence(now) === essence(written) : firstLine(now) === firstLine(written)
  return [...ended, ...missing, ...(same ? [] : [`on the page:\n${written}\nnow:\n${now}`])]
}

/** A run that does not do what the tour promises is never written down. */
export const brokenPromises = (ran: ReadonlyMap<string, readonly Ran[]>): readonly string[] =>
  [...ran.values()]
    .flat()
    .flatMap(({ step, exit, output }) => [
      ...(exit === step.exit ? [] : [`$ ${step.show} ended with ${exit}, not ${step.exit}:\n${output}`]),
      ...wrongs(step, `$ ${step.show}`, output),
    ])
