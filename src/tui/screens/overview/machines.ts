import type { ListPanel, Rect } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageSpan } from '../../view/age.ts'
import { aged } from '../../view/aged.ts'
import { levelTone } from '../../view/bar.ts'
import type { Column } from '../../view/columns.ts'
import { constellation } from '../../view/constellation.ts'
import { type Span, span, type Tone } from '../../view/line.ts'
import { decimal, percent, UNKNOWN } from '../../view/numbers.ts'
import { machineSign } from '../../view/state-sign.ts'
import { tablePanel } from '../../view/table-panel.ts'
import { isUnseen, type MachineLine, type OverviewModel } from './model.ts'

const level = (pct: number | null, stale: boolean): Span => aged(span(percent(pct), levelTone(pct)), stale)

const healthTone = (score: number): Tone => (score >= 0.8 ? 'good' : score >= 0.5 ? 'warn' : 'bad')

const loadTone = ({ load5, cores }: MachineLine): Tone =>
  load5 === null ? 'unknown' : cores === null ? 'plain' : load5 > cores * 1.5 ? 'bad' : load5 > cores ? 'warn' : 'good'

/** Why it is not well: of a machine that does not answer, what was said when it was tried. */
const issue = (one: MachineLine): Span => {
  const why = one.status === 'online' ? one.top_issue : (one.status_reason ?? one.top_issue)
  return why === null ? span('—', 'muted') : span(why, one.stale ? 'stale' : healthTone(one.health))
}

const health = (one: MachineLine): Span =>
  isUnseen(one) ? span(UNKNOWN, 'unknown') : aged(span(percent(one.health * 100), healthTone(one.health)), one.stale)

const COLUMNS: readonly Column<MachineLine>[] = [
  { head: ' ', of: (one) => machineSign(one.stale && one.status === 'online' ? 'degraded' : one.status), keep: 1000 },
  { head: 'MACHINE', of: (one) => span(one.id, 'strong'), least: 7, most: 24, keep: 1000 },
  { head: 'AGE', of: (one) => (one.stale ? ageSpan(one.age_s, 0) : ageSpan(one.age_s, Number.POSITIVE_INFINITY)), least: 10, keep: 90 },
  { head: 'AGENTS', of: (one) => constellation(one.agents).map((part) => aged(part, one.stale)), least: 6, keep: 95 },
  { head: 'HEALTH', align: 'right', of: health, keep: 80 },
  { head: 'CPU', align: 'right', of: (one) => level(one.cpu_pct, one.stale), least: 4, keep: 70 },
  { head: 'MEM', align: 'right', of: (one) => level(one.mem_pct, one.stale), least: 4, keep: 69 },
  { head: 'DISK', align: 'right', of: (one) => level(one.disk_used_pct, one.stale), least: 4, keep: 68 },
  { head: 'LOAD5', align: 'right', of: (one) => aged(span(decimal(one.load5), loadTone(one)), one.stale), keep: 40 },
  { head: 'WRONG FIRST', of: issue, least: 16, keep: 72 },
] // biome-ignore format: a table

/** Machines as constellations of their agents, worst first. */
export const machinesPanel = (model: OverviewModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'machines',
    title: 'Machines and their agents',
    at,
    answer: view.answers.machines,
    rows: model.machines,
    idOf: (one) => one.id,
    columns: COLUMNS,
    all: model.allMachines,
    what: 'machines',
    empty: {
      why: 'No machine is configured.',
      fill: 'vc machines add <id> <ssh target> adds one; vc watches this machine by itself.',
    },
    note: [],
  })
