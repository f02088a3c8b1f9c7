import { randomBytes } from 'node:crypto'
import { VcError } from '../../core/errors.ts'
import type { Executor, RunClass, RunResult } from '../../core/executor.ts'
import { decodeUtf8, displayText } from '../../core/text.ts'
import { setPositional } from '../../transport/frame-args.ts'

/** One script that changes something. Not an ask of a frame: those show their arguments in the process list and may be tried twice. */
export interface MachineAct {
  readonly name: string
  /** POSIX sh that reads "$1", "$2", … and prints records: lines that begin with `@$N `. */
  readonly script: string
  readonly args: readonly string[]
  readonly deadlineMs: number
  readonly maxBytes?: number
}

/** A record: what stands behind the nonce, and the lines that follow it. */
export interface ActRecord {
  readonly tag: string
  readonly lines: readonly string[]
}

export type ActAnswer =
  | { readonly is: 'answered'; readonly records: readonly ActRecord[] }
  /** The script never began. */
  | { readonly is: 'not_reached'; readonly detail: string }
  /** It may have begun; `records` are what came back of it. */
  | { readonly is: 'broken_off'; readonly records: readonly ActRecord[]; readonly detail: string }

// bash reads a script from a pipe byte by byte; in one gulp a long text costs nothing.
const GULP = `[ -n "\${BASH_VERSION-}" ] && eval "$(cat)"`
const MAX_ARGS_BYTES = 500_000

/** The act as one script for `sh -s`. One function called on the last line: a script cut on its way runs nothing. */
export const composeAct = ({ name, script, args }: MachineAct, nonce: string): string => {
  if (args.some((arg) => arg.includes('\0')))
    throw new VcError('bad_request', `${name}: an argument holds a NUL byte`, 'leave it out')
  if (args.reduce((sum, arg) => sum + Buffer.byteLength(arg), 0) > MAX_ARGS_BYTES)
    throw new VcError('bad_request', `${name}: more than ${MAX_ARGS_BYTES} bytes of arguments`, 'send less at a time')
  const body = `vc_body() {\n${script}\n}\nvc_act() {\n# vc:ask ${name}\nN=${nonce}; vc_ifs=$IFS\n${setPositional(args)}`
  const run = `printf '@%s begin\\n' "$N"\nvc_body "$@"\nprintf '@%s end\\n' "$N"`
  return `${GULP}\n${body}\n${run}\n}\nvc_act </dev/null\n`
}

// What these endings say is said before any script of ours is sent.
const NEVER_BEGAN: readonly RunClass[] = [
  'refused',
  'dns',
  'auth',
  'connect_timeout',
  'host_key_unknown',
  'host_key_changed',
]

/** Cuts output into records; what a login prints before `begin` is dropped. */
export const recordsOf = (stdout: Uint8Array, nonce: string): readonly ActRecord[] => {
  const marker = `@${nonce} `
  const records: { tag: string; lines: string[] }[] = []
  for (const line of decodeUtf8(stdout).split('\n')) {
    if (line.startsWith(marker)) records.push({ tag: line.slice(marker.length), lines: [] })
    else records.at(-1)?.lines.push(line)
  }
  return records
}

const endingOf = (ran: RunResult): string => {
  const said = displayText(decodeUtf8(ran.stderr.subarray(0, 200)).trim(), 200)
  const how = ran.detail ?? (ran.class === 'exit' ? `exit ${ran.exitCode}` : ran.class)
  return said === '' ? `${ran.class}: ${how}` : `${ran.class}: ${how}: ${said}`
}

/** Carries the act to the machine once, never twice. Throws only for what no machine could take (VcError bad_request). */
export const runAct = async (executor: Executor, act: MachineAct, signal?: AbortSignal): Promise<ActAnswer> => {
  const nonce = randomBytes(8).toString('hex')
  const ran = await executor.run({
    script: composeAct(act, nonce),
    deadlineMs: act.deadlineMs,
    maxStdout: act.maxBytes ?? 4 * 1024 * 1024,
    maxStderr: 16 * 1024,
    ...(signal === undefined ? {} : { signal }),
  })
  const records = recordsOf(ran.stdout, nonce)
  if (records.at(-1)?.tag === 'end') return { is: 'answered', records: records.slice(1, -1) }
  if (records[0]?.tag === 'begin') return { is: 'broken_off', records: records.slice(1), detail: endingOf(ran) }
  const notStarted = NEVER_BEGAN.includes(ran.class) || (ran.class === 'aborted' && ran.timings.execMs === 0)
  // A script that was read to its end prints `begin` first; a shell that ended without it ran nothing of ours.
  const refusedByShell = ran.class === 'ok' || ran.class === 'exit'
  if (notStarted || refusedByShell) return { is: 'not_reached', detail: endingOf(ran) }
  return { is: 'broken_off', records: [], detail: endingOf(ran) }
}
