import type { Answer, ScriptAsk } from '../../src/core/ask.ts'
import type { Executor } from '../../src/core/executor.ts'
import { type MachineAsker, openAsker } from '../../src/transport/asker.ts'
import { shMachine } from './sh-machine.ts'

export const text = (answer: Answer): string => Buffer.from(answer.stdout).toString('utf8')
export const ask = (script: string, more: Partial<ScriptAsk> = {}): ScriptAsk => ({ script, ...more })

export function open(executor: Executor = shMachine()): MachineAsker {
  // A grace that no test outlives: what travels together does so because every run waited, not because time passed.
  return openAsker({ executor, local: false, graceMs: 60_000 })
}
