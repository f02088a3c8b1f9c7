import { nameList } from '../core/nearest.ts'
import { ageWords } from '../oracle/age-words.ts'
import { warning } from './define.ts'
import type { FleetPicture, MachineState } from './picture.ts'

const isGone = ({ view }: MachineState): boolean => view.status === 'offline' || view.status === 'unknown'

// One line however many they are: where nobody looks any more, that is every machine.
const silentWarning = (machines: readonly MachineState[]): string[] => {
  const silent = machines.filter((m) => !isGone(m) && m.view.ageS !== null && m.view.ageS > m.view.staleAfterS)
  if (silent.length === 0) return []
  const oldest = Math.max(...silent.map((m) => m.view.ageS ?? 0))
  const names = nameList(silent.map((m) => m.view.machineId))
  return [warning('stale', `nothing was heard from ${names} for up to ${ageWords(oldest)}`, 'vc doctor')]
}

const sourceWarnings = (machines: readonly MachineState[], sources: ReadonlySet<string>): string[] => {
  const heard = machines.filter((m) => !isGone(m) && (m.view.ageS ?? 0) <= m.view.staleAfterS)
  const red = heard.flatMap(({ view }) =>
    view.redSources.filter(({ source }) => sources.has(source)).map((one) => ({ ...one, machine: view.machineId })),
  )
  return [...Map.groupBy(red, ({ source }) => source)].map(([source, all]) =>
    warning(
      'stale',
      `${source} on ${nameList(all.map(({ machine }) => machine))}: ${all[0]?.why}`,
      `vc robot scrapes --source ${source} --json`,
    ),
  )
}

/** What in a picture is old, though its machines can be reached: machines as a whole, and these sources of theirs. */
export const staleWarnings = (
  { machines }: Pick<FleetPicture, 'machines'>,
  sources: readonly string[],
): readonly string[] => [...silentWarning(machines), ...sourceWarnings(machines, new Set(sources))]
