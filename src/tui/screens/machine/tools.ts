import type { Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { innerWidth } from '../../view/arrange.ts'
import { cell } from '../../view/cell.ts'
import { type Line, span } from '../../view/line.ts'
import { textPanel } from '../../view/text-panel.ts'
import { labelled } from '../../view/wrapped.ts'
import { emptyHere, type MachineModel } from './model.ts'

/** Numbers of a version, so far as it has some: `0.169.0` → [0, 169, 0]. */
const numbersOf = (version: string): readonly number[] => (version.match(/\d+/g) ?? []).slice(0, 3).map(Number)

/** Whether a tool is newer than what vc was tested with. */
export const isNewer = (version: string | null, tested: string | null): boolean => {
  if (version === null || tested === null) return false
  const [a, b] = [numbersOf(version), numbersOf(tested)]
  const at = [0, 1, 2].find((index) => (a[index] ?? 0) !== (b[index] ?? 0))
  return at !== undefined && (a[at] ?? 0) > (b[at] ?? 0)
}

/** Tools that are there with their versions, then those that are not. */
const linesOf = (model: MachineModel, width: number): readonly Line[] => {
  const tools = model.machine?.tools ?? []
  const tested = new Map(model.collectors.flatMap((one) => one.tools.map((tool) => [tool.tool, tool.tested_up_to])))
  const there = tools.filter((one) => one.available)
  const absent = tools.filter((one) => !one.available).map((one) => one.tool)
  return [
    ...there.map((one): Line => {
      const upTo = tested.get(one.tool) ?? null
      return [
        span(cell(one.tool, 14)),
        one.version === null ? span(' version not said', 'unknown') : span(` ${cell(one.version, 12)}`),
        ...(isNewer(one.version, upTo) ? [span(` newer than tested (${upTo})`, 'warn')] : []),
        span(`  ${one.path ?? ''}`, 'muted'),
      ]
    }),
    ...(absent.length === 0 ? [] : labelled('not there', absent.join(' '), width, 'muted')),
  ]
}

export const toolsPanel = (model: MachineModel, at: Rect, view: ScreenView): TextPanel => {
  const answer = view.answers.machine
  return textPanel({
    id: 'tools',
    title: 'Tools and versions',
    at,
    answer,
    empty: emptyHere(model, {
      why: 'Nobody has looked for tools there yet.',
      fill: 'The probe looks for them on its first answer.',
    }),
    lines: linesOf(model, innerWidth(at)),
  })
}
