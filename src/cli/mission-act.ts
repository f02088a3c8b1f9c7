import type { MissionAction } from '../commands/missions/act.ts'
import { ROLE_LABELS, ROLE_NAMES, TASK_TYPES } from '../core/agent-role.ts'
import { nearestName } from '../core/nearest.ts'
import type { Warning } from '../core/rows.ts'
import { displayText } from '../core/text.ts'
import { type CliContext, storePlaces } from './context.ts'
import { printMissionActed } from './mission-print.ts'

type Wish = Readonly<Record<string, unknown>>

const ROLES: readonly string[] = [...ROLE_NAMES, ...Object.keys(ROLE_LABELS)]

const machinesIn = (given: Wish): readonly string[] => {
  const missions = Array.isArray(given.missions) ? (given.missions as readonly unknown[]) : []
  return [given, ...missions].flatMap((one) => {
    const machine = typeof one === 'object' && one !== null && 'machine' in one ? one.machine : null
    return typeof machine === 'string' ? [machine] : []
  })
}

/** Roles and types that are very like one vc knows: any word may be one, but a slip waits for a claimant that never comes. */
export const likelySlips = (given: Wish): readonly Warning[] => {
  const missions = Array.isArray(given.missions) ? (given.missions as readonly unknown[]) : []
  const words = [given, ...missions].flatMap((one): readonly (readonly [string, unknown, readonly string[]])[] => {
    if (typeof one !== 'object' || one === null) return []
    const { role, to_role, type, types } = one as Wish
    const typed = [type, ...(Array.isArray(types) ? types : [])]
    return [
      ...[role, to_role].map((word) => ['role', word, ROLES] as const),
      ...typed.map((word) => ['type', word, TASK_TYPES] as const),
    ]
  })
  const slips = new Map<string, Warning>()
  for (const [what, word, known] of words) {
    if (typeof word !== 'string' || known.includes(word)) continue
    const near = nearestName(word, known)
    if (near === null) continue
    const message = `“${displayText(word, 40)}” is no ${what} that vc knows, and is taken as one of your own`
    slips.set(`${what} ${word}`, { code: `strange_${what}`, message, fix: `if it is a slip: ${near}` })
  }
  return [...slips.values()]
}

/** Something done to the queue, and what came of it. A machine that there is none of is refused: its mission would wait for ever. */
export const actOnQueue = async (ctx: CliContext, action: MissionAction, given: Wish): Promise<void> => {
  const loaded = await ctx.config()
  const [{ sendMissionAction }, { actorHere }, { machineNamed }] = await Promise.all([
    import('../commands/missions/send.ts'),
    import('../commands/incident-send.ts'),
    import('../commands/machines-named.ts'),
  ])
  for (const machine of machinesIn(given)) machineNamed(loaded, machine)
  for (const slip of likelySlips(given)) ctx.note(slip)
  printMissionActed(ctx, await sendMissionAction(storePlaces(ctx, loaded), action, given, actorHere()))
}
