import type { Panel, Rect, Size } from '../panel.ts'
import { defineScreen, type ScreenView, type Wish } from '../screen.ts'
import { beside, stack, whole } from '../view/arrange.ts'
import { agentsPanel } from './machine/agents.ts'
import { buildsPanel } from './machine/builds.ts'
import { chartPanels } from './machine/charts.ts'
import { collectorsPanel } from './machine/collectors.ts'
import { disksPanel } from './machine/disks.ts'
import { factsPanel } from './machine/facts.ts'
import { machineList } from './machine/list.ts'
import { type MachineModel, machineAsks, machineModel } from './machine/model.ts'
import { processesPanel } from './machine/processes.ts'
import { toolsPanel } from './machine/tools.ts'

const WIDE = 110

/** On a narrow terminal one of these at a time. */
const PARTS = ['agents', 'disks', 'processes', 'builds', 'tools', 'collectors'] as const
type Part = (typeof PARTS)[number]

const PART_PANEL: Readonly<Record<Part, (model: MachineModel, at: Rect, view: ScreenView) => Panel>> = {
  agents: agentsPanel,
  disks: disksPanel,
  processes: processesPanel,
  builds: buildsPanel,
  tools: toolsPanel,
  collectors: collectorsPanel,
}

const partOf = (view: ScreenView): Part => PARTS.find((part) => part === view.options.part) ?? 'agents'

const after = (part: Part): Part => PARTS[(PARTS.indexOf(part) + 1) % PARTS.length] ?? 'agents'

const wide = (model: MachineModel, size: Size, view: ScreenView): readonly Panel[] => {
  const area = whole(size)
  const [list, main] = beside(area, 34, { part: 1 })
  const [facts, charts, upper, lower] = stack(
    main ?? area,
    6,
    { part: 4, least: 7 },
    { part: 4, least: 6 },
    { part: 5, least: 6 },
  )
  const [meters, load] = beside(charts ?? area, { part: 3 }, { part: 2 })
  const [agents, processes, disks] = beside(upper ?? area, { part: 4 }, { part: 3 }, { part: 3 })
  const [collectors, tools, builds] = beside(lower ?? area, { part: 4 }, { part: 3 }, { part: 3 })
  return [
    machineList(model, list ?? area, view),
    factsPanel(model, facts ?? area, view),
    ...chartPanels(model, { meters: meters ?? area, load: load ?? area }, view),
    agentsPanel(model, agents ?? area, view),
    processesPanel(model, processes ?? area, view),
    disksPanel(model, disks ?? area, view),
    collectorsPanel(model, collectors ?? area, view),
    toolsPanel(model, tools ?? area, view),
    buildsPanel(model, builds ?? area, view),
  ]
}

const narrow = (model: MachineModel, size: Size, view: ScreenView): readonly Panel[] => {
  const area = whole(size)
  const [facts, charts, rest] =
    size.rows >= 20 ? stack(area, 6, { part: 3, least: 7 }, { part: 4 }) : stack(area, 6, 0, { part: 1 })
  const [meters, load] = size.columns >= 76 ? beside(charts ?? area, { part: 3 }, { part: 2 }) : [charts ?? area, null]
  const part = partOf(view)
  const panel = PART_PANEL[part](model, rest ?? area, view)
  return [
    factsPanel(model, facts ?? area, view),
    ...((charts?.height ?? 0) > 0 ? chartPanels(model, { meters: meters ?? area, load: load ?? null }, view) : []),
    { ...panel, title: `${panel.title} (${PARTS.indexOf(part) + 1} of ${PARTS.length}, Space: next)` },
  ]
}

const neighbour = (model: MachineModel, step: number): string | null => {
  const ids = model.machines.map((one) => one.id)
  if (ids.length < 2 || model.id === null) return null
  return ids[(ids.indexOf(model.id) + step + ids.length) % ids.length] ?? null
}

const goTo = (id: string | null): Wish | null =>
  id === null ? null : { wish: 'go', screen: 'machine', chosen: { machines: id } }

const noOther = (model: MachineModel): string | null =>
  neighbour(model, 1) === null ? 'there is no other machine' : null
const noMachine = (model: MachineModel): string | null => (model.id === null ? 'there is no machine' : null)

/** One machine: how it is and was, what runs there, and how vc looks at it. */
export const machine = defineScreen<MachineModel>({
  id: 'machine',
  key: '2',
  title: 'Machine',
  about:
    'One machine: meters and their history, filesystems, pressure, processes, agents, builds, tools, collectors with age.',
  asks: machineAsks,
  model: machineModel,
  panels: (model, size, view) => (size.columns >= WIDE ? wide(model, size, view) : narrow(model, size, view)),
  keys: [
    { keys: ['.'], says: 'next machine', blockedBy: noOther, act: (model) => goTo(neighbour(model, 1)) },
    { keys: [','], says: 'machine before', blockedBy: noOther, act: (model) => goTo(neighbour(model, -1)) },
    {
      keys: ['space'],
      says: 'next part, where one fits at a time',
      act: (_, view) => ({ wish: 'option', name: 'part', value: after(partOf(view)) }),
    },
    {
      keys: ['p'],
      says: 'probe it now, step by step',
      blockedBy: noMachine,
      act: ({ id }) => (id === null ? null : { wish: 'run', argv: ['machines', 'probe', id], title: `Probe ${id}` }),
    },
    {
      keys: ['c'],
      says: 'collect from it now',
      blockedBy: noMachine,
      act: ({ id }) => (id === null ? null : { wish: 'run', argv: ['collect', '-m', id], title: `Collect from ${id}` }),
    },
  ],
  open: (panel, row) => {
    if (panel === 'machines') return goTo(row)
    return panel === 'agents' ? { wish: 'go', screen: 'agents', chosen: { agents: row } } : null
  },
})
