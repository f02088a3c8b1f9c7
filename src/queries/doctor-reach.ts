import { isRevokedKey, REVOKED_KEY_FIX } from '../core/faults.ts'
import { nameList } from '../core/nearest.ts'
import { ageWords } from '../oracle/age-words.ts'
import { isSilent, isUnseen } from '../oracle/health.ts'
import { ENDS_NOTHING, isLate, type SourcePicture } from '../oracle/status.ts'
import { lookingForS, type QueryContext } from './define.ts'
import { FAULT_FIX, type Finding } from './doctor-shapes.ts'
import type { readScrapes } from './fleet-rows.ts'
import { type FleetPicture, type MachineState, unlookedWords, unseenIn } from './picture.ts'

type ScrapeRow = Awaited<ReturnType<typeof readScrapes>>[number]

export const reach = (m: MachineState): Finding[] => {
  const { view } = m
  if (view.status === 'online' || view.status === 'degraded' || view.hangs || isUnseen(view)) return []
  const why = view.statusReason ?? 'no answer yet'
  const known = isRevokedKey(view.statusReason) ? REVOKED_KEY_FIX : FAULT_FIX[view.transportFault ?? '']
  const fix = (known ?? 'vc machines probe <id>').replace('<id>', view.machineId)
  return [{ level: 'bad', machine: view.machineId, topic: 'reach', says: `${view.status}: ${why}`, fix }]
}

// When no script of any source ends, that is one trouble of the machine and not ten of its sources.
export const nothingEnds = (m: MachineState): Finding[] => [
  {
    level: 'bad',
    machine: m.view.machineId,
    topic: 'reach',
    says: `${m.view.status}: ${ENDS_NOTHING}`,
    fix: `overloaded, or a login file that hangs; see: vc machines probe ${m.view.machineId}`,
  },
]

// What was seen last before that is late by no fault of the machine.
const isFirstLook = (ctx: QueryContext, patienceS: number): boolean => (lookingForS(ctx) ?? Infinity) <= patienceS

/** Whether a source missed its turns, counted from when somebody began to look. */
export const missedTurns = (ctx: QueryContext, source: SourcePicture): boolean =>
  isLate({ ...source, okAgeS: source.okAgeS && Math.min(source.okAgeS, lookingForS(ctx) ?? Infinity) })

const begun = (ctx: QueryContext): string => `vc began to look ${ageWords(lookingForS(ctx) ?? 0)} ago`

const AGAIN = 'look again in some seconds'

// A daemon that stopped makes every source of every machine late: that is one thing to say.
export const nobodyLooks = (
  { machines, paused = false }: FleetPicture,
  scrapes: readonly ScrapeRow[],
  ctx: QueryContext,
): Finding | null => {
  const newest = scrapes.reduce((latest, row) => Math.max(latest, Date.parse(row.collected_at)), 0)
  const ageS = (ctx.now.getTime() - newest) / 1000
  const patienceS = Math.max(...machines.map((m) => m.view.staleAfterS))
  // Where nobody looks on purpose nothing is late.
  if (machines.length === 0 || newest === 0 || ageS <= patienceS) return null
  if (!paused && isFirstLook(ctx, patienceS)) {
    const says = `${begun(ctx)}, and its first look is under way: until it ends all that is shown is ${ageWords(ageS)} old or older`
    return { level: 'warn', machine: null, topic: 'reach', says, fix: AGAIN }
  }
  return {
    level: 'bad',
    machine: null,
    topic: 'reach',
    says: `nothing has been collected for ${ageWords(ageS)}${unlookedWords(paused).because}; all that is shown is that old or older`,
    fix: paused ? 'mend what is said of the data of vc' : unlookedWords().fix,
  }
}

// Who asks for one machine is told that vc sees nothing of it on purpose, before what was seen of it once.
export const notLookedAt = ({ plan }: QueryContext, asked: string | undefined): Finding[] => {
  if (asked === undefined) return []
  const planned = plan.machines.find(({ machineId }) => machineId === asked)
  if (planned?.enabled) return []
  return [
    {
      level: 'warn',
      machine: asked,
      topic: 'reach',
      says: `nobody looks at it: it ${planned === undefined ? 'left vc.toml' : 'is disabled in vc.toml'}`,
      fix: planned === undefined ? `vc machines add ${asked} <ssh target>` : `vc machines enable ${asked}`,
    },
  ]
}

export const firstLook = (fleet: FleetPicture, asked: string | undefined): Finding[] => {
  const unseen = unseenIn(fleet)
  if (unseen.length === 0) return []
  const says = `no look has ended yet${asked === undefined ? ` at ${nameList(unseen)}` : ''}`
  return [
    {
      level: 'warn',
      machine: asked ?? null,
      topic: 'reach',
      says,
      fix: 'look again in some seconds; without a daemon: vc collect',
    },
  ]
}

const isSilentNow = ({ view }: MachineState): boolean => view.transportFailures === 0 && isSilent(view)

const silent = (m: MachineState): Finding => ({
  level: 'bad',
  machine: m.view.machineId,
  topic: 'reach',
  says: `none of its ${m.view.redSources.length} sources that are due has answered for ${ageWords(m.view.ageS ?? 0)}`,
  fix: `vc machines probe ${m.view.machineId}`,
})

/** Machines that fell silent while somebody looked, and in one line those that were not yet looked at again. */
export const silence = ({ machines }: FleetPicture, ctx: QueryContext): readonly Finding[] => {
  const all = machines.filter(isSilentNow)
  const awaited = all.filter(({ view }) => isFirstLook(ctx, view.staleAfterS))
  const names = nameList(awaited.map(({ view }) => view.machineId))
  const says = `${begun(ctx)}, and its first look at ${names} is under way: what is shown is from before`
  return [
    ...all.filter((m) => !awaited.includes(m)).map(silent),
    ...(awaited.length === 0 ? [] : [{ level: 'warn', machine: null, topic: 'reach', says, fix: AGAIN } as const]),
  ]
}

/** An edit that nobody looks by, because it is not loaded. */
export const notLoaded = async (ctx: QueryContext): Promise<readonly Finding[]> => {
  const unloaded = (await ctx.unloaded?.()) ?? null
  if (unloaded === null) return []
  const { changed, difference, fix } = unloaded
  return [{ level: 'warn', machine: null, topic: 'config', says: `${changed}: ${difference}`, fix }]
}
