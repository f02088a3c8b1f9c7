import type { Db } from '../db.ts'
import { time } from '../sql.ts'
import { picture } from './history.ts'
import type { MachineQuestion } from './pictures.ts'
import { BenchOverallRow, BenchRawRow } from './rows/builds.ts'

const question = ({ at, machineId, since }: MachineQuestion & { readonly since: Date }) => ({
  at,
  params: { machine: machineId ?? null },
  where: `($machine IS NULL OR machine_id = $machine) AND ts >= ${time(since)}`,
})

/** Raw measurements since then, oldest first; `machine_id` is the controller that told them. */
export const benchRaw = (db: Db, asked: MachineQuestion & { readonly since: Date }): Promise<BenchRawRow[]> =>
  picture(db, 'cloud_bench_raw', BenchRawRow, {
    ...question(asked),
    orderBy: 'ts, machine_id, hostname, benchmark_type',
  })

/** Scores as given: 0-100 among the hosts of one run, so not comparable between runs. */
export const benchOverall = (db: Db, asked: MachineQuestion & { readonly since: Date }): Promise<BenchOverallRow[]> =>
  picture(db, 'cloud_bench_overall', BenchOverallRow, { ...question(asked), orderBy: 'ts, machine_id, hostname' })
