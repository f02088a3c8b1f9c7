import type { ListPanel, Rect } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import { type Column, columns } from '../../view/columns.ts'
import { span } from '../../view/line.ts'
import { bytes, decimal, UNKNOWN } from '../../view/numbers.ts'
import { emptyHere, type Machine, type MachineModel } from './model.ts'

type Process = Machine['top_processes'][number] & { readonly suspect: string | null }

const COLUMNS: readonly Column<Process>[] = [
  { head: 'PID', align: 'right', of: (one) => span(String(one.pid), 'muted'), least: 7, keep: 90 },
  { head: 'PROCESS', of: (one) => one.comm ?? UNKNOWN, least: 8, most: 32, keep: 1000 },
  { head: 'CPU%', align: 'right', of: (one) => decimal(one.cpu_pct), keep: 100 },
  { head: 'MEM', align: 'right', of: (one) => bytes(one.mem_bytes), least: 5, keep: 99 },
  { head: 'FILES', align: 'right', of: (one) => (one.open_files === null ? span('—', 'muted') : String(one.open_files)), keep: 20 },
  { head: 'READ/s', align: 'right', of: (one) => (one.io_read_bytes_per_s === null ? span('—', 'muted') : bytes(one.io_read_bytes_per_s)), keep: 19 },
  { head: 'SUSPECT', of: (one) => span(one.suspect ?? '', 'warn'), keep: 80 },
] // biome-ignore format: a table

const processes = (machine: Machine | null): readonly Process[] => {
  const suspects = new Map((machine?.suspect_processes ?? []).map((one) => [one.pid, one]))
  const top = (machine?.top_processes ?? []).map((one) => ({
    ...one,
    suspect: suspects.has(one.pid) ? `${suspects.get(one.pid)?.severity}` : null,
  }))
  const others = (machine?.suspect_processes ?? []).filter((one) => !top.some((known) => known.pid === one.pid))
  const quiet = {
    cpu_pct: null,
    mem_bytes: null,
    open_files: null,
    io_read_bytes_per_s: null,
    io_write_bytes_per_s: null,
  }
  return [...top, ...others.map((one) => ({ ...quiet, pid: one.pid, comm: one.comm, suspect: `${one.severity}` }))]
}

/** Processes that take most, and those that process triage thinks abandoned or stuck. */
export const processesPanel = (model: MachineModel, at: Rect, view: ScreenView): ListPanel => {
  const answer = view.answers.machine
  const rows = processes(model.machine)
  // Only sysmoni counts files and traffic: without it these columns would be all dashes.
  const counted = COLUMNS.filter(
    ({ head: name }) =>
      (name !== 'FILES' || rows.some((one) => one.open_files !== null)) &&
      (name !== 'READ/s' || rows.some((one) => one.io_read_bytes_per_s !== null)),
  )
  const { head, lines } = columns(rows, counted, innerWidth(at))
  return {
    kind: 'list',
    id: 'processes',
    title: 'Top processes',
    at,
    ...standing(answer),
    empty: emptyWords(
      answer,
      emptyHere(model, {
        why: 'No process was read.',
        fill: 'They come with the probe; sysmoni, where it runs, adds files and traffic.',
      }),
    ),
    head,
    rows: rows.map((one, index) => ({ id: String(one.pid), line: lines[index] ?? [] })),
  }
}
