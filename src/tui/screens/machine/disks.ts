import type { Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { agedAll } from '../../view/aged.ts'
import { innerWidth } from '../../view/arrange.ts'
import { gauge } from '../../view/bar.ts'
import { cell } from '../../view/cell.ts'
import { type Line, span } from '../../view/line.ts'
import { percent } from '../../view/numbers.ts'
import { textPanel } from '../../view/text-panel.ts'
import { emptyHere, type Machine, type MachineModel } from './model.ts'

const DISK_LEVELS = { warnAt: 85, badAt: 92 }
const PRESSURE_LEVELS = { warnAt: 10, badAt: 40 }

const filesystemLine = (one: Machine['filesystems'][number], width: number, stale: boolean): Line => {
  const name = Math.max(8, Math.min(24, width - 28))
  return agedAll(
    [
      span(`${cell(one.mount, name)} `),
      ...gauge(one.used_pct, Math.max(8, Math.min(24, width - name - 14)), DISK_LEVELS),
      span(`  inodes ${percent(one.inodes_used_pct)}`, 'muted'),
    ],
    stale,
  )
}

const pressureLine = (one: Machine['pressure'][number], width: number, stale: boolean): Line => {
  const name = Math.max(8, Math.min(24, width - 28))
  return agedAll(
    [
      span(`${cell(`${one.resource} ${one.kind}`, name)} `),
      ...gauge(one.avg60_pct, Math.max(8, Math.min(24, width - name - 14)), PRESSURE_LEVELS),
      span(`  10 s ${percent(one.avg10_pct)}`, 'muted'),
    ],
    stale,
  )
}

/** Filesystems, fullest first, and what the last minute was stalled by. */
export const disksPanel = (model: MachineModel, at: Rect, view: ScreenView): TextPanel => {
  const answer = view.answers.machine
  const { machine } = model
  const width = innerWidth(at)
  const stale = machine?.machine.stale ?? false
  const filesystems = [...(machine?.filesystems ?? [])].sort((a, b) => (b.used_pct ?? -1) - (a.used_pct ?? -1))
  const pressure = machine?.pressure ?? []
  return textPanel({
    id: 'disks',
    title: 'Filesystems and pressure',
    at,
    answer,
    empty: emptyHere(model, {
      why: 'No filesystem was read.',
      fill: 'They come with the probe: the collectors say why it has not answered.',
    }),
    lines: [
      ...filesystems.map((one) => filesystemLine(one, width, stale)),
      ...(pressure.length > 0 ? [[span('stalled, share of the last minute', 'muted')]] : []),
      ...pressure.map((one) => pressureLine(one, width, stale)),
    ],
  })
}
