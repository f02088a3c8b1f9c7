import type { MissionAction } from '../commands/missions/act.ts'
import type { CliContext } from './context.ts'
import { printMissionActed } from './mission-print.ts'

type Wish = Readonly<Record<string, unknown>>

const machinesIn = (given: Wish): readonly string[] => {
  const missions = Array.isArray(given.missions) ? (given.missions as readonly unknown[]) : []
  return [given, ...missions].flatMap((one) => {
    const machine = typeof one === 'object' && one !== null && 'machine' in one ? one.machine : null
    return typeof machine === 'string' ? [machine] : []
  })
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
  printMissionActed(ctx, await sendMissionAction(loaded.paths, action, given, actorHere()))
}
