import type { MachinePicture } from './health.ts'
import type { SourcePicture } from './status.ts'

/** Everything the rules of a machine look at. */
export interface MachineView extends MachinePicture {
  readonly statusReason: string | null
  readonly transportFailures: number
  readonly transportFault: string | null
  readonly sources: readonly SourcePicture[]
}
