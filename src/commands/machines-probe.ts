import type { LoadedConfig, MachineConfig } from '../config/index.ts'
import type { Executor, RunClass, RunResult } from '../core/executor.ts'
import { isRevokedKey, REVOKED_KEY_FIX } from '../core/faults.ts'
import { pasteable } from '../core/shell-word.ts'
import { parseTarget } from '../core/ssh-target.ts'
import { decodeUtf8, displayText } from '../core/text.ts'
import { targetArgs } from '../transport/ssh/resolve.ts'

export interface ProbePorts {
  /** The way to one machine; closed by the caller. May throw VcError for a target it will not pass on. */
  openExecutor(machine: MachineConfig): Promise<{
    readonly executor: Executor
    /** Why the ssh binary carries it; null for ssh2 and local. */
    why(): string | null
  }>
}

/** What one look at a machine showed. `class` ok = it answered; times are vc's. */
export interface ProbeReport {
  readonly id: string
  readonly ssh: string
  readonly class: RunClass
  readonly detail: string | null
  readonly fix: string | null
  readonly kind: Executor['kind']
  /** Why the ssh binary carries it, where it does. */
  readonly why: string | null
  readonly connectMs: number
  readonly execMs: number
  readonly os: string | null
  readonly hostname: string | null
  /** Tool name to its path there; a tool that is absent is not in the list. */
  readonly tools: Readonly<Record<string, string>>
}

/** Programs worth naming: what collectors use and the agent CLIs. */
const PROBED_TOOLS = [
  'claude', 'codex', 'gemini', 'opencode', 'tmux', 'git', 'sqlite3', 'python3', 'gzip', 'timeout', 'perl', 'zstd',
] as const // biome-ignore format: a list of words

const SCRIPT = `# vc:ask machines.probe
printf 'os\\t%s\\n' "$(uname -sr 2>/dev/null)"
printf 'hostname\\t%s\\n' "$(hostname 2>/dev/null || uname -n)"
for tool in ${PROBED_TOOLS.join(' ')}; do
  found=$(command -v "$tool" 2>/dev/null) && printf 'tool\\t%s\\t%s\\n' "$tool" "$found"
done
exit 0
`

/** Output of the probe script to facts; lines that are not its own (login banners) are passed over. Pure. */
export function parseProbeLines(stdout: Uint8Array): Pick<ProbeReport, 'os' | 'hostname' | 'tools'> {
  const facts: { os: string | null; hostname: string | null } = { os: null, hostname: null }
  const tools: Record<string, string> = {}
  const wanted: readonly string[] = PROBED_TOOLS
  for (const line of decodeUtf8(stdout).split('\n')) {
    const [kind, first = '', second = ''] = line.split('\t')
    if ((kind === 'os' || kind === 'hostname') && first !== '') facts[kind] = displayText(first)
    if (kind === 'tool' && wanted.includes(first) && second !== '') tools[first] = displayText(second)
  }
  return { ...facts, tools }
}

/** The same login by the system `ssh`: with vc's ssh_config, and the port apart, which `ssh` would take for a part of the name. */
const sshLine = (machine: MachineConfig, configFile: string | null): string => {
  const target = parseTarget(machine.ssh)
  const to = target.is === 'local' ? [] : [...targetArgs(target, configFile), target.alias]
  return pasteable(['ssh', '-v', '-o', 'BatchMode=yes', ...to, 'true'])
}

/** How a run without a word of evidence ended, and what was said instead of an answer: the words of a nologin shell. */
const endingOf = ({ class: kind, exitCode, signal, stdout, stderr }: RunResult): string | null => {
  if (kind !== 'exit' && kind !== 'signal') return null
  const said = displayText(decodeUtf8((stdout.length > 0 ? stdout : stderr).subarray(0, 1024)).trim(), 200)
  return `ended with ${kind === 'exit' ? `exit code ${exitCode}` : signal}, it said ${said === '' ? 'nothing' : `"${said}"`}`
}

/** What an operator can do about a run that ended so; null where nothing is wrong. */
export function fixForClass(
  { class: kind, detail }: Pick<RunResult, 'class' | 'detail'>,
  machine: MachineConfig,
  configFile: string | null,
): string | null {
  if (kind === 'host_key_changed' && isRevokedKey(detail)) return REVOKED_KEY_FIX.replace('<id>', machine.id)
  const fixes: Readonly<Partial<Record<RunClass, string>>> = {
    host_key_unknown: `compare and accept its key: vc machines trust ${machine.id}`,
    host_key_changed: `find out why before anything else; vc never replaces a changed key. Once it is right again: vc machines trust ${machine.id}`,
    auth: `see what ssh offers: ${sshLine(machine, configFile)}; an agent must hold keys with a passphrase`,
    dns: 'correct the host name in vc.toml or ssh_config',
    refused: 'is sshd running there, and is the port right?',
    connect_timeout: 'is it switched on and reachable from here? [ssh] connect_timeout_seconds sets the patience',
    connection_lost: 'try again; if it stays: the network, or sshd there, drops the connection',
    timeout: 'it connects but does not finish a small script: overloaded, or a login file that hangs',
    exit: 'the login shell there refused the script; vc needs a plain POSIX sh',
    output_limit: 'a login file there prints too much; keep it quiet for non-interactive shells',
  }
  return kind === 'ok' ? null : (fixes[kind] ?? `try again: vc machines probe ${machine.id}`)
}

/** Reaches one machine once: connects, runs a small script, names what is there. Stores nothing. */
export async function probeMachine(
  loaded: LoadedConfig,
  machine: MachineConfig,
  ports: ProbePorts,
): Promise<ProbeReport> {
  const { executor, why } = await ports.openExecutor(machine)
  try {
    const deadlineMs = 1000 * loaded.config.polling.exec_timeout_seconds
    const result = await executor.run({ script: SCRIPT, deadlineMs, maxStdout: 262_144, maxStderr: 65_536 })
    return {
      id: machine.id,
      ssh: machine.ssh,
      class: result.class,
      detail: result.detail === null ? endingOf(result) : displayText(result.detail, 500),
      fix: fixForClass(result, machine, loaded.config.ssh.config_file),
      kind: executor.kind,
      why: why(),
      connectMs: Math.round(result.timings.connectMs),
      execMs: Math.round(result.timings.execMs),
      ...parseProbeLines(result.stdout),
    }
  } finally {
    await executor.close()
  }
}
