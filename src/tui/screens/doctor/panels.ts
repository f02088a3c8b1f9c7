import type { ListPanel, Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import { type Column, columns } from '../../view/columns.ts'
import { type Line, type Span, span } from '../../view/line.ts'
import { hiddenWords } from '../../view/narrowed.ts'
import { tablePanel } from '../../view/table-panel.ts'
import { textPanel } from '../../view/text-panel.ts'
import { labelled } from '../../view/wrapped.ts'
import type { DoctorModel, Finding, FindingSeen, MachineLooks } from './model.ts'

const SIGN: Readonly<Record<Finding['level'], Span>> = {
  bad: span('✗', 'bad'),
  warn: span('▲', 'warn'),
  ok: span('✓', 'good'),
}

const FINDINGS: readonly Column<FindingSeen>[] = [
  { head: ' ', of: ({ finding }) => SIGN[finding.level], keep: 1000 },
  { head: 'MACHINE', of: ({ finding }) => span(finding.machine ?? 'vc', 'strong'), least: 7, most: 16, keep: 90 },
  { head: 'ABOUT', of: ({ finding }) => span(finding.topic, 'muted'), least: 7, keep: 50 },
  { head: 'SAYS', of: ({ finding }) => finding.says, least: 30, keep: 1000 },
  { head: 'MEND BY', of: ({ finding }) => span(finding.fix ?? '', 'info'), least: 20, keep: 40 },
] // biome-ignore format: a table

/** What vc cannot see and why, worst first. */
export const findingsPanel = (model: DoctorModel, at: Rect, view: ScreenView): ListPanel => {
  const answer = view.answers.doctor
  const { head, lines } = columns(model.findings, FINDINGS, innerWidth(at))
  const bad = model.findings.filter(({ finding }) => finding.level === 'bad').length
  const warn = model.findings.filter(({ finding }) => finding.level === 'warn').length
  const stand = standing(answer)
  return {
    kind: 'list',
    id: 'findings',
    title: 'What vc cannot see, and why',
    at,
    ...stand,
    note:
      stand.note.length > 0 || model.findings.length === 0
        ? stand.note
        : [span(`${bad} bad`, bad > 0 ? 'bad' : 'good'), span(` ${warn} warnings`, warn > 0 ? 'warn' : 'muted')],
    empty: emptyWords(
      answer,
      hiddenWords(model.allFindings, 'findings') ?? {
        why: 'Nothing is wrong, as far as vc sees.',
        fill: 'vc doctor checks this machine and vc.toml too.',
      },
    ),
    head,
    rows: model.findings.map(({ id }, index) => ({ id, line: lines[index] ?? [] })),
  }
}

/** The chosen finding in full, and how to mend it. */
export const findingDetail = (model: DoctorModel, at: Rect, view: ScreenView): TextPanel => {
  const finding = model.selected?.finding
  const width = innerWidth(at)
  return textPanel({
    id: 'finding',
    title: 'The chosen one in full',
    at,
    answer: view.answers.doctor,
    empty: {
      why: 'No finding is chosen.',
      fill: 'Choose one in the list with j and k.',
    },
    lines:
      finding === undefined
        ? []
        : [
            ...labelled(finding.machine ?? 'vc', finding.says, width),
            ...(finding.fix === null ? [] : labelled('mend by', finding.fix, width, 'info')),
          ],
  })
}

const failingWords = ({ failing }: MachineLooks): Line => {
  const [first] = failing
  if (first === undefined) return [span('—', 'muted')]
  const same = failing.every((one) => one.fault === first.fault)
  const names = failing.map((one) => one.collector).join(', ')
  return [span(same ? `${first.fault}: ${names}` : names, 'bad')]
}

const LOOKS: readonly Column<MachineLooks>[] = [
  { head: 'MACHINE', of: (one) => span(one.machine, 'strong'), least: 7, most: 20, keep: 1000 },
  { head: 'OK', align: 'right', of: (one) => span(String(one.ok), one.ok > 0 ? 'good' : 'muted'), least: 3, keep: 95 },
  { head: 'FAILING', align: 'right', of: (one) => span(String(one.failing.length), one.failing.length > 0 ? 'bad' : 'muted'), keep: 94 },
  { head: 'NO TOOL', align: 'right', of: (one) => span(String(one.absent), 'muted'), keep: 60 },
  { head: 'NEVER RAN', align: 'right', of: (one) => span(String(one.never), one.never > 0 ? 'unknown' : 'muted'), keep: 50 },
  { head: 'WHICH', of: failingWords, least: 10, keep: 80 },
] // biome-ignore format: a table

/** Sources of every machine, in counts; failing machines first. */
export const looksPanel = (model: DoctorModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'machines',
    title: 'Collectors by machine',
    at,
    answer: view.answers.collectors,
    staleAfterMs: 30_000,
    rows: model.looks,
    idOf: ({ machine }) => machine,
    columns: LOOKS,
    empty: { why: 'No machine is configured.', fill: 'vc machines add <id> <ssh target>' },
    note: [],
  })
