import type { MachineView } from '../fleet-picture.ts'
import type { Rule } from '../rule.ts'
import { collectorRed } from './collector-red.ts'
import { disk } from './disk.ts'
import { type StoreView, storeDiskFull } from './store-disk-full.ts'
import { unreachable } from './unreachable.ts'

/** Rules over one machine. A file in this folder that is not here fails a test. */
export const machineRules = [unreachable, disk, collectorRed] as const satisfies readonly Rule<MachineView>[]

/** Rules over the store itself; their alerts belong to no machine. */
export const storeRules = [storeDiskFull] as const satisfies readonly Rule<StoreView>[]
