import { listPayload } from '../collectors/transcripts/options.ts'
import { collectorChoice, isLocal, type VcConfig } from '../config/index.ts'
import type { LookWish } from '../core/looked.ts'
import { ownModule } from '../core/own-files.ts'

/** Who begins a job before somebody asks for it. */
export interface AheadPorts {
  ahead(job: URL, payload: unknown): void
}

const named = (names: readonly string[], one: string): boolean => names.length === 0 || names.includes(one)

/**
 * Begins to list the transcripts of this machine that a look is going to ask for: the threads that do it have nothing else to
 * do until the rest of the program is read from the disk.
 */
export const listAhead = (ports: AheadPorts, config: VcConfig, wish: LookWish): void => {
  const machine = config.machines.find((one) => isLocal(one) && one.enabled)
  if (machine === undefined || !named(wish.machines, machine.id)) return
  for (const name of ['claude', 'codex'] as const) {
    const { enabled, options } = collectorChoice(config, machine, name)
    if (enabled && named(wish.collectors, name))
      ports.ahead(ownModule(`collectors/${name}/scan-job`), listPayload(options))
  }
}
