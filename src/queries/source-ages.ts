import { type QueryContext, warning } from './define.ts'
import { readScrapes } from './fleet-rows.ts'

export interface SourceAges {
  readonly staleness: Record<string, number>
  readonly warnings: string[]
}

/** How old the answers of some sources are, and a warning for each that no machine has answered or that fails somewhere. */
export const sourceAges = async (
  ctx: QueryContext,
  at: Date | null,
  sources: readonly string[],
  machineId?: string,
): Promise<SourceAges> => {
  const rows = (await readScrapes(ctx, at, machineId)).filter((row) => sources.includes(row.source))
  const moment = (at ?? ctx.now).getTime()
  const staleness: Record<string, number> = {}
  const warnings: string[] = []
  for (const source of sources) {
    const mine = rows.filter((row) => row.source === source)
    const answered = mine.flatMap(({ last_ok_at }) => (last_ok_at === null ? [] : [Date.parse(last_ok_at)]))
    if (answered.length > 0) staleness[source] = Math.max(0, Math.round((moment - Math.min(...answered)) / 1000))
    else
      warnings.push(
        warning(
          'not_collected',
          `no machine has answered for ${source} yet`,
          `vc robot scrapes --source ${source} --json`,
        ),
      )
    for (const row of mine.filter(({ fault }) => fault !== null && fault !== 'tool_missing'))
      warnings.push(
        warning(
          'source_fails',
          `${source} on ${row.machine_id}: ${row.detail ?? row.fault}`,
          `vc collect --collector ${source} -m ${row.machine_id}`,
        ),
      )
  }
  return { staleness, warnings }
}
