import { isLocal, type LoadedConfig, type MachineConfig } from '../config/index.ts'
import type { Reader, Reply } from '../core/carrier.ts'
import { messageOf, VcError } from '../core/errors.ts'
import type { Warning } from '../core/rows.ts'
import { machineNamed } from './machines-named.ts'

/** A machine as configured, with what vc last saw of it; null = never seen or not known. */
export interface MachineLine {
  readonly id: string
  readonly ssh: string
  readonly tags: readonly string[]
  /** These three are null where only a refused file says them. */
  readonly roles: readonly string[] | null
  readonly enabled: boolean
  readonly transport: string
  readonly allow_write_commands: boolean | null
  readonly allow_autopilot: boolean | null
  readonly status: string
  /** Why it is not online; where nothing names a cause, the worst of what was seen. */
  readonly status_reason: string | null
  readonly age_s: number | null
  /** The entry that is the same machine for the same user, and the one alerts are told of. */
  readonly same_as: string | null
  /** False: history knows it, the configuration no longer does. */
  readonly configured: boolean
}

interface Seen {
  readonly id: string
  readonly status: string
  readonly status_reason: string | null
  readonly top_issue: string | null
  readonly age_s: number | null
  /** A daemon of an older vc does not tell. */
  readonly same_as?: string | null
  readonly ssh: string
  readonly tags: readonly string[]
}

/** Opens the way to the store, if there is one. */
export type OpenReader = () => Promise<Reader>

const isSeen = (value: unknown): value is Seen =>
  typeof value === 'object' && value !== null && 'id' in value && 'status' in value

const seenIn = (reply: Reply): Seen[] => {
  const data = reply.data
  if (typeof data !== 'object' || data === null || !('machines' in data) || !Array.isArray(data.machines)) return []
  return data.machines.filter(isSeen)
}

async function asked<T>(open: OpenReader, ask: (reader: Reader) => Promise<T>): Promise<T | Warning> {
  let reader: Reader | null = null
  try {
    reader = await open()
    return await ask(reader)
  } catch (error) {
    const fix = error instanceof VcError ? error.fix : 'look with: vc doctor'
    return {
      code: 'state_unknown',
      message: `only the configuration is shown, state is unknown: ${messageOf(error)}`,
      fix,
    }
  } finally {
    await reader?.close()
  }
}

const isWarning = (value: object): value is Warning => 'code' in value && 'fix' in value

const reasonOf = ({ status, status_reason, top_issue }: Seen): string | null =>
  status_reason ?? (status === 'online' ? null : top_issue)

/** Of a machine that a running daemon does not know, because the file changed since. */
const NOT_LOADED = 'not loaded yet: vc config reload'

const configuredLine = (machine: MachineConfig, seen: Seen | undefined, notLoaded: boolean): MachineLine => ({
  id: machine.id,
  ssh: machine.ssh,
  tags: machine.tags,
  roles: machine.roles,
  enabled: machine.enabled,
  transport: isLocal(machine) ? 'local' : machine.transport,
  allow_write_commands: machine.allow_write_commands,
  allow_autopilot: machine.allow_autopilot,
  status: seen?.status ?? 'unknown',
  status_reason: seen === undefined ? (notLoaded ? NOT_LOADED : null) : reasonOf(seen),
  age_s: seen?.age_s ?? null,
  same_as: seen?.same_as ?? null,
  configured: true,
})

const formerLine = ({ top_issue: _, ...seen }: Seen): MachineLine => ({
  ...seen,
  roles: [],
  enabled: false,
  transport: 'unknown',
  allow_write_commands: false,
  allow_autopilot: false,
  same_as: null,
  configured: false,
})

/** Of the whole answer; what is said of one machine stands in its line. */
const OF_ALL = /^(embedded|state_file|store_\w+|stale|config_refused|config_not_loaded): /

interface MachineList {
  readonly machines: readonly MachineLine[]
  readonly warnings: readonly Warning[]
  /** What whoever answered says of all of it: that it is old, that nobody looks. */
  readonly notes: readonly string[]
}

/** Every configured machine and those only history knows. Without a store: the configuration, and a warning that says why. */
export async function listMachines(loaded: LoadedConfig, open: OpenReader): Promise<MachineList> {
  const answer = await asked(open, (reader) => reader.ask({ topic: 'machines', params: {} }))
  const seen = isWarning(answer) ? [] : seenIn(answer)
  const byId = new Map(seen.map((line) => [line.id, line]))
  const { machines } = loaded.config
  const notLoaded = new Set(isWarning(answer) ? [] : answer.notLoaded)
  const former = seen.filter((line) => !machines.some((machine) => machine.id === line.id))
  return {
    machines: [
      ...machines.map((one) => configuredLine(one, byId.get(one.id), notLoaded.has(one.id))),
      ...former.map(formerLine),
    ],
    warnings: isWarning(answer) ? [answer] : [],
    notes: isWarning(answer) ? [] : (answer.warnings ?? []).filter((text) => OF_ALL.test(text)),
  }
}

/** A machine as whoever runs with an older configuration tells of it: what only the file says of it is not known. */
const runningLine = (
  seen: Seen & { readonly transport?: string | null; readonly writes_allowed?: boolean },
): MachineLine => ({
  id: seen.id,
  ssh: seen.ssh,
  tags: seen.tags,
  roles: null,
  enabled: true,
  transport: seen.transport ?? 'unknown',
  allow_write_commands: seen.writes_allowed ?? null,
  allow_autopilot: null,
  status: seen.status,
  status_reason: reasonOf(seen),
  age_s: seen.age_s,
  same_as: seen.same_as ?? null,
  configured: true,
})

/** The machines a daemon looks at, where the file that names them is refused. */
export const listRunning = async (reader: Reader): Promise<MachineList> => {
  const answer = await reader.ask({ topic: 'machines', params: {} })
  const notes = (answer.warnings ?? []).filter((text) => OF_ALL.test(text))
  return { machines: seenIn(answer).map(runningLine), warnings: [], notes }
}

/** Of one that left vc.toml whoever remembers it says when, and how it was; of any other name nothing is said here. */
const refuseFormer = async (id: string, open: OpenReader): Promise<void> => {
  const found = await asked(open, (reader) =>
    reader.ask({ topic: 'machine', params: { id } }).catch((error: unknown) => ({ error })),
  )
  if ('error' in found && found.error instanceof VcError && found.error.code === 'machine_removed') throw found.error
}

/** One machine: its configuration, and the answer of the `machine` topic where the store has one (else null). */
export async function showMachine(
  loaded: LoadedConfig,
  id: string,
  open: OpenReader,
): Promise<{ readonly machine: MachineConfig; readonly seen: unknown; readonly warnings: readonly Warning[] }> {
  if (!loaded.config.machines.some((machine) => machine.id === id)) await refuseFormer(id, open)
  const machine = machineNamed(loaded, id)
  const answer = await asked(open, (reader) => reader.ask({ topic: 'machine', params: { id } }))
  return isWarning(answer) ? { machine, seen: null, warnings: [answer] } : { machine, seen: answer.data, warnings: [] }
}
