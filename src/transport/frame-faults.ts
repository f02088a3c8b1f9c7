import type { Answer } from '../core/ask.ts'
import type { RunClass, RunResult } from '../core/executor.ts'
import type { Fault } from '../core/faults.ts'
import { decodeUtf8, displayText } from '../core/text.ts'

const NOTHING = new Uint8Array(0)

/** The fault of an exec that ended so. `ok`, `exit` and `signal` mean: our script was there and ended early. */
const FAULT_OF_CLASS: Readonly<Record<RunClass, Fault>> = {
  ok: 'exit_code',
  exit: 'exit_code',
  signal: 'exit_code',
  timeout: 'timeout',
  output_limit: 'truncated',
  connect_timeout: 'unreachable',
  refused: 'unreachable',
  dns: 'unreachable',
  connection_lost: 'unreachable',
  transport: 'unreachable',
  auth: 'auth',
  host_key_unknown: 'host_key_unknown',
  host_key_changed: 'host_key_changed',
  aborted: 'cancelled',
}

export interface Trouble {
  readonly fault: Fault
  readonly detail: string | null
}

const EVIDENCE_BYTES = 200

const evidence = (run: RunResult): string => {
  const spoken = run.stdout.length > 0 ? run.stdout : run.stderr
  return spoken.length === 0
    ? 'nothing at all'
    : JSON.stringify(displayText(decodeUtf8(spoken.subarray(0, EVIDENCE_BYTES))))
}

/** Why the rest of a frame is missing: the class of its exec, and what the way there said. */
export function troubleOf(run: RunResult): Trouble {
  const detail = run.detail === null ? run.class : `${run.class}: ${displayText(run.detail)}`
  return { fault: FAULT_OF_CLASS[run.class], detail }
}

/**
 * Why there is no frame at all. An exec that ended well and yet never showed the marker reached no shell of ours
 * (nologin, a forced command, a menu): that is trouble of the way, with what was said instead as evidence.
 */
export function troubleWithoutFrame(run: RunResult): Trouble {
  const trouble = troubleOf(run)
  if (trouble.fault !== 'exit_code' && trouble.fault !== 'truncated') return trouble
  const ending = run.class === 'exit' ? `exit ${run.exitCode}` : run.class
  return { fault: 'unreachable', detail: `transport: no shell answered (${ending}), it said ${evidence(run)}` }
}

/** An ask that got no answer of its own. */
export const noAnswer = (
  { fault, detail }: Trouble,
  kept: { readonly stdout?: Uint8Array; readonly stderr?: Uint8Array; readonly durationMs?: number } = {},
): Answer => ({
  fault,
  detail,
  exitCode: null,
  signal: null,
  stdout: kept.stdout ?? NOTHING,
  stderr: kept.stderr ?? NOTHING,
  truncated: fault === 'truncated',
  durationMs: Math.round(kept.durationMs ?? 0),
})
