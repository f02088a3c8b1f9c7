import type { CollectContext } from '../../core/collector.ts'
import type { Row } from '../../core/rows.ts'
import { decodeUtf8 } from '../../core/text.ts'
import { sh } from '../sh.ts'
import { startTicksOf } from './parse.ts'
import { type ProcessRoot, rootOf } from './process-root.ts'

/**
 * "$1".."$n": pids of OpenCodes. Each keeps its log open for appending, so its position there is the end of the last line
 * that it wrote itself: `R <run of that line>` names it. `P <pid> <stat line>` · `R <run>` · `O <its log>`, and once per log that is
 * not the login's own `L <state line>`. Linux only; elsewhere it prints nothing.
 */
const RUNS_SCRIPT = sh`# vc:ask live.opencode
usual=\${XDG_DATA_HOME:-\${HOME:-}/.local/share}/opencode/log/opencode.log
nl='
'
told=$nl$usual$nl
for p in "$@"; do
  [ -O "/proc/$p/fd" ] && [ -r "/proc/$p/stat" ] || continue
  printf 'P %s ' "$p"; head -c 4096 "/proc/$p/stat" 2>/dev/null | tr -d '\n'; printf '\n'
  ls -l "/proc/$p/fd" 2>/dev/null | sed -n 's|^.* \([0-9]*\) -> \(/.*/opencode/log/opencode\.log\)$|\1 \2|p' | {
    end=0; log=
    while read -r fd path; do
      pos=$(sed -n 's/^pos:[^0-9]*//p' "/proc/$p/fdinfo/$fd" 2>/dev/null)
      log=$path
      [ "\${pos:-0}" -gt "$end" ] && end=$pos
    done
    [ -n "$log" ] && printf 'O %s\n' "$log"
    from=$((end > 65536 ? end - 65536 : 0))
    [ "$end" -gt 0 ] && { tail -c +$((from + 1)) "$log" 2>/dev/null | head -c $((end - from)); printf '+\n'; } |
      awk '{ line = last; last = $0 } END { if (last == "+" && match(line, / run=[^ ]+ /)) print "R " substr(line, RSTART + 5, RLENGTH - 6) }'
  }
done | while IFS= read -r line; do
  printf '%s\n' "$line"
  case $line in 'O '*) log=\${line#O } ;; *) continue ;; esac
  case $told in *"$nl$log$nl"*) continue ;; esac
  told=$told$log$nl
  tail -c 131072 "$log" 2>/dev/null | grep -F -e 'message=asking' -e 'message="stream error"' -e 'message=loop' \
    -e 'message="exiting loop"' -e 'message=cancel' -e 'message=process' -e 'message=stream' \
    -e 'message="creating instance"' -e 'message=created' | cut -c1-2000 | tail -n 300 | sed 's/^/L /'
done
exit 0
`

const MOST_PIDS = 50

/** The process whose session a run is. */
export type RunOwners = Readonly<Record<string, ProcessRoot>>

export interface OpencodeRuns {
  /** By the `run=` of the log. */
  readonly owners: RunOwners
  /** Logs that running OpenCodes write. */
  readonly logs: readonly string[]
  /** State lines of those logs, the login's own left out. */
  readonly lines: readonly string[]
}

const NO_RUNS: OpencodeRuns = { owners: {}, logs: [], lines: [] }

const processesOf = (known: readonly Row[]): readonly Row[] =>
  known.filter((row) => row.cli === 'opencode' && row.gone !== true && Number.isSafeInteger(row.pid))

/** Pids of running OpenCodes, as last committed. */
export const opencodePids = (known: readonly Row[]): readonly number[] =>
  processesOf(known)
    .map((row) => Number(row.pid))
    .sort((a, b) => a - b)
    .slice(0, MOST_PIDS)

interface Holder {
  readonly pid: number
  readonly startTicks: number | null
  readonly run: string
}

interface Told {
  readonly holders: readonly Holder[]
  readonly logs: readonly string[]
  readonly lines: readonly string[]
}

/** What the script printed. */
export function parseRuns(output: string): Told {
  const holders: Holder[] = []
  const logs = new Set<string>()
  const lines: string[] = []
  let process: Omit<Holder, 'run'> | null = null
  for (const line of output.split('\n')) {
    const text = line.slice(2)
    const named = /^P (\d+) (.*)$/.exec(line)
    if (named) process = { pid: Number(named[1]), startTicks: startTicksOf(named[2] ?? '') }
    else if (line.startsWith('O /')) logs.add(text)
    else if (line.startsWith('R ') && process !== null) holders.push({ ...process, run: text })
    else if (line.startsWith('L ')) lines.push(text)
  }
  return { holders, logs: [...logs], lines }
}

/** Each run's root. What two roots claim is nobody's; of two runs below one root the first stays. */
export function ownersOf(holders: readonly Holder[], known: readonly Row[]): RunOwners {
  const processes = processesOf(known)
  const claims = holders
    .toSorted((a, b) => (a.startTicks ?? 0) - (b.startTicks ?? 0))
    .map(({ run, ...holder }) => ({ run, root: rootOf(holder, processes) }))
  const owners: Record<string, ProcessRoot> = {}
  for (const { run, root } of claims) {
    if (root === null || Object.values(owners).some(({ pid }) => pid === root.pid)) continue
    if (claims.every((other) => other.run !== run || other.root?.pid === root.pid)) owners[run] = root
  }
  return owners
}

/** Which log and which run belongs to which running OpenCode; one ask, none where none runs. */
export async function askRuns(ctx: CollectContext): Promise<OpencodeRuns> {
  const known = await ctx.known('latest_agent_processes')
  const pids = opencodePids(known)
  if (pids.length === 0) return NO_RUNS
  const answer = await ctx.run({
    script: RUNS_SCRIPT,
    args: pids.map(String),
    timeoutMs: ctx.machine.local ? 1_500 : 15_000,
    maxBytes: 4_000_000,
  })
  // The login's own log still tells; whose a run is stays open until the next look.
  if (answer.fault !== null) return NO_RUNS
  const { holders, logs, lines } = parseRuns(decodeUtf8(answer.stdout))
  return { owners: ownersOf(holders, known), logs, lines }
}
