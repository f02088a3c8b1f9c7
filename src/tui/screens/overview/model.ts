import { machineOfScope } from '../../../core/advice-scope.ts'
import type { audit } from '../../../queries/audit.ts'
import type { forecast } from '../../../queries/forecast.ts'
import type { health } from '../../../queries/health.ts'
import type { machines } from '../../../queries/machines.ts'
import type { triage } from '../../../queries/triage.ts'
import type { usage } from '../../../queries/usage.ts'
import type { ScreenAsk, ScreenView } from '../../screen.ts'
import { type DataOf, dataOf } from '../../view/answer-data.ts'
import { olderBy } from '../../view/lying.ts'
import { found, onMachine } from '../../view/narrowed.ts'

type Machines = DataOf<typeof machines>
type Answered = Machines['machines'][number]
/** A daemon of an older vc does not tell where something may be changed. */
export type MachineLine = Omit<Answered, 'writes_allowed'> & { readonly writes_allowed?: boolean }
/** No look at it has ended: one that was looked at in vain says why. */
export const isUnseen = ({ age_s, status_reason }: MachineLine): boolean => age_s === null && !status_reason
export type Health = DataOf<typeof health>
export type Usage = DataOf<typeof usage>
type Triage = DataOf<typeof triage>
export type Forecast = DataOf<typeof forecast>
export type Acts = DataOf<typeof audit>

/** One thing to do, with the command that goes with it. */
export type Advice = Triage['recommendations'][number] & { readonly command: string | null }

export interface OverviewModel {
  readonly machines: readonly MachineLine[]
  readonly allMachines: number
  /** Also those that a search hides. */
  readonly everyMachine: readonly MachineLine[]
  readonly health: Health | null
  readonly advice: readonly Advice[]
  readonly allAdvice: number
  readonly forecast: Forecast | null
  readonly today: Usage | null
  readonly hourly: Usage | null
  /** Of the last 24 h, newest first. */
  readonly acts: Acts | null
}

export const overviewAsks = (view: ScreenView): readonly ScreenAsk[] => [
  { as: 'machines', topic: 'machines' },
  { as: 'health', topic: 'health', params: view.filter.machine === null ? {} : { machine: view.filter.machine } },
  { as: 'triage', topic: 'triage', params: { limit: 100 }, everyMs: 3_000 },
  { as: 'forecast', topic: 'forecast', everyMs: 15_000 },
  { as: 'today', topic: 'usage', params: { since: 'today', by: 'machine' }, everyMs: 15_000 },
  {
    as: 'audit',
    topic: 'audit',
    params: { ...(view.filter.machine === null ? {} : { machine: view.filter.machine }), since: '24h', limit: 50 },
    everyMs: 5_000,
  },
  { as: 'hourly', topic: 'usage', params: { since: '25h', by: 'hour' }, everyMs: 60_000 },
]

const adviceOf = (triage: Triage | null): readonly Advice[] =>
  (triage?.recommendations ?? []).map((one, index) => ({
    ...one,
    command: triage?.suggested_commands[index]?.command ?? null,
  }))

/** What one machine used of a sum by machine. Null: it is not in it, so what it used is not known. */
const usedOn = (usage: Usage | null, machine: string | null): Usage | null => {
  if (usage === null || machine === null) return usage
  const own = usage.groups.find(({ key }) => key === machine)
  if (own === undefined) return null
  return { ...usage, total: own, groups: [own], coverage: { ...usage.coverage, machines: 1, machines_reporting: 1 } }
}

export const overviewModel = (view: ScreenView): OverviewModel => {
  const machines = (dataOf<Machines>(view, 'machines')?.machines ?? []).map((one) =>
    olderBy(one, view.answers.machines),
  )
  const advice = adviceOf(dataOf<Triage>(view, 'triage'))
  return {
    machines: machines.filter(
      (one) => onMachine(view.filter, one.id) && found(view.filter, one.id, one.top_issue, one.hostname),
    ),
    everyMachine: machines.filter((one) => onMachine(view.filter, one.id)),
    allMachines: machines.length,
    health: dataOf<Health>(view, 'health'),
    advice: advice.filter(
      (one) =>
        (view.filter.machine === null || machineOfScope(one.scope) === view.filter.machine) &&
        found(view.filter, one.title, one.scope, one.action),
    ),
    allAdvice: advice.length,
    forecast: dataOf<Forecast>(view, 'forecast'),
    today: usedOn(dataOf<Usage>(view, 'today'), view.filter.machine),
    hourly: dataOf<Usage>(view, 'hourly'),
    acts: dataOf<Acts>(view, 'audit'),
  }
}
