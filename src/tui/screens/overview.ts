import type { Panel, Size } from '../panel.ts'
import { defineScreen, type ScreenView } from '../screen.ts'
import { argvOf } from '../view/argv.ts'
import { beside, stack, whole } from '../view/arrange.ts'
import { chosenRow } from '../view/chosen-row.ts'
import { fleetPanel } from './overview/fleet.ts'
import { guardianPanel } from './overview/guardian.ts'
import { machinesPanel } from './overview/machines.ts'
import { type OverviewModel, overviewAsks, overviewModel } from './overview/model.ts'
import { predictionsPanel } from './overview/predictions.ts'
import { chosenAdvice, openAdvice, triagePanel } from './overview/triage.ts'
import { velocityPanel } from './overview/velocity.ts'

const WIDE = 110
const TALL = 34

/** Rows from which the guardian has a panel of its own on a wide screen. */
const ROOMY = 30

const wide = (model: OverviewModel, size: Size, view: ScreenView): readonly Panel[] => {
  const area = whole(size)
  const roomy = size.rows >= ROOMY
  const [top = area, rest = area] = stack(area, roomy ? 6 : 7, { part: 1 })
  const [left = area, right = area] = beside(rest, { part: 11 }, { part: 10 })
  const [machines = area, velocity = area] = stack(left, { part: 3, least: 6 }, { part: 2, least: 7 })
  const [triage = area, predictions = area, guardian = area] = stack(
    right,
    { part: 3, least: 6 },
    { part: 2, least: 5 },
    ...(roomy ? [8] : []),
  )
  return [
    fleetPanel(model, top, view),
    machinesPanel(model, machines, view),
    triagePanel(model, triage, view),
    predictionsPanel(model, predictions, view),
    ...(roomy ? [guardianPanel(model, guardian, view)] : []),
    velocityPanel(model, velocity, view),
  ]
}

const narrow = (model: OverviewModel, size: Size, view: ScreenView): readonly Panel[] => {
  const head = size.rows >= 20 ? 7 : 5
  const lists = stack(whole(size), head, { part: 1, least: 5 }, { part: 1, least: 5 })
  const tall = stack(whole(size), head, { part: 3 }, { part: 3 }, { part: 2 }, { part: 3 })
  const [fleet, machines, triage, predictions, velocity] = size.rows >= TALL ? tall : lists
  const area = whole(size)
  return [
    fleetPanel(model, fleet ?? area, view),
    machinesPanel(model, machines ?? area, view),
    triagePanel(model, triage ?? area, view),
    ...(predictions === undefined ? [] : [predictionsPanel(model, predictions, view)]),
    ...(velocity === undefined ? [] : [velocityPanel(model, velocity, view)]),
  ]
}

const chosenMachine = (model: OverviewModel, view: ScreenView): string | null =>
  chosenRow(
    view,
    'machines',
    model.machines.map((one) => one.id),
  )

/** The first screen: how the fleet is, who needs a person, what runs out, and what to do first. */
export const overview = defineScreen<OverviewModel>({
  id: 'overview',
  key: '1',
  title: 'Overview',
  about:
    'Health and freshness of the fleet, machines as constellations of their agents, predictions, what vc may do itself and did, and what to do first.',
  asks: overviewAsks,
  model: overviewModel,
  panels: (model, size, view) => (size.columns >= WIDE ? wide(model, size, view) : narrow(model, size, view)),
  keys: [
    {
      keys: ['m'],
      says: 'open the chosen machine',
      blockedBy: (model, view) => (chosenMachine(model, view) === null ? 'there is no machine' : null),
      act: (model, view) => {
        const id = chosenMachine(model, view)
        return id === null ? null : { wish: 'go', screen: 'machine', chosen: { machines: id } }
      },
    },
    {
      keys: ['x'],
      says: 'run what the chosen advice suggests',
      blockedBy: (model, view) => {
        const advice = chosenAdvice(model, view)
        if (advice === null) return 'there is nothing to do'
        return argvOf(advice.command) === null ? 'it suggests no command of vc; Enter shows more' : null
      },
      act: (model, view) => {
        const advice = chosenAdvice(model, view)
        const argv = argvOf(advice?.command ?? null)
        return advice === null || argv === null ? null : { wish: 'run', argv, title: advice.title }
      },
    },
  ],
  open: (panel, row, model) => {
    if (panel === 'machines') return { wish: 'go', screen: 'machine', chosen: { machines: row } }
    const advice = panel === 'triage' ? model.advice.find((one) => one.id === row) : undefined
    return advice === undefined ? null : openAdvice(advice)
  },
})
