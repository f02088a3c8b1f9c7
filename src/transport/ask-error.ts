import { VcError } from '../core/errors.ts'
import type { Fault } from '../core/faults.ts'

/** Thrown by questions whose answer has no room for a fault (`stat`): the run ends with this fault. */
export class AskError extends VcError {
  readonly fault: Fault
  readonly detail: string | null

  constructor(fault: Fault, detail: string | null, what: string) {
    super(fault, `${what}: ${detail ?? fault}`, 'see the machine in `vc doctor`')
    this.name = 'AskError'
    this.fault = fault
    this.detail = detail
  }
}
