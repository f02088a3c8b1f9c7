import type { Executor } from '../../core/executor.ts'
import { runAct } from '../../engine/hosts/machine-act.ts'

const BOOT_SCRIPT = `b=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null || sysctl -n kern.bootsessionuuid 2>/dev/null)
printf '@%s boot %s\\n' "$N" "$b"`

const SAYS_BOOT = /^boot ([A-Za-z0-9-]{1,64})$/

/** Which boot of the machine this is, as the probe names it; null: not reached, or it does not say. */
export const askBootId = async (executor: Executor): Promise<string | null> => {
  const answer = await runAct(executor, { name: 'engine.boot', script: BOOT_SCRIPT, args: [], deadlineMs: 10_000 })
  if (answer.is !== 'answered') return null
  for (const { tag } of answer.records) {
    const [, bootId] = SAYS_BOOT.exec(tag) ?? []
    if (bootId !== undefined) return bootId
  }
  return null
}

/** A process that carries the mark of an agent in its environment, whoever is its parent now. */
export interface MarkedProcess {
  readonly pid: number
  readonly startTicks: number
  readonly agentId: string
  readonly comm: string
  readonly rssBytes: number | null
}

// The mark names this vc and is inherited: other cockpits' agents on the machine are not ours to judge, and it finds what setsid and re-parenting hide. Only processes of this user can be read, which are
// all that vc may have started. One tr per candidate: grep first tells the few that have it.
const MARKED_SCRIPT = `[ -d /proc/self ] || { printf '@%s none\\n' "$N"; exit 0; }
page=$(getconf PAGESIZE 2>/dev/null || echo 4096)
for f in $(grep -lsF "VC_HUB=$1" /proc/[0-9]*/environ 2>/dev/null); do
  d=\${f%/environ}
  a=$(tr '\\000' '\\n' <"$f" 2>/dev/null | sed -n 's/^VC_AGENT=//p' | head -n 1)
  s=$(cat "$d/stat" 2>/dev/null) || continue
  [ -n "$a" ] && [ -n "$s" ] && printf '@%s process %s %s\\n%s\\n' "$N" "\${d#/proc/}" "$page" "$a" && printf '%s\\n' "$s"
done
printf '@%s scanned\\n' "$N"`

const HEAD = /^process (\d{1,9}) (\d{1,7})$/
const AGENT = /^[A-Za-z0-9._@:%/-]{1,160}$/

const markedOf = (tag: string, lines: readonly string[]): MarkedProcess | null => {
  const [, pid, page] = HEAD.exec(tag) ?? []
  const [agentId = '', stat = ''] = lines
  const close = stat.lastIndexOf(')')
  if (pid === undefined || page === undefined || !AGENT.test(agentId) || close < 0) return null
  const fields = stat.slice(close + 2).split(' ')
  const startTicks = Number(fields[19])
  const pages = Number(fields[21])
  if (!Number.isSafeInteger(startTicks) || fields[0] === 'Z') return null
  return {
    pid: Number(pid),
    startTicks,
    agentId,
    comm: stat.slice(stat.indexOf('(') + 1, close),
    rssBytes: Number.isSafeInteger(pages) && pages >= 0 ? pages * Number(page) : null,
  }
}

/** All processes of that user that agents of this vc (`hub`) started; null: the machine was not reached, or cannot say (no /proc). */
export const askMarked = async (executor: Executor, hub: string): Promise<readonly MarkedProcess[] | null> => {
  const answer = await runAct(executor, {
    name: 'engine.marked',
    script: MARKED_SCRIPT,
    args: [hub],
    deadlineMs: 20_000,
  })
  if (answer.is !== 'answered' || !answer.records.some(({ tag }) => tag === 'scanned')) return null
  return answer.records.map(({ tag, lines }) => markedOf(tag, lines)).filter((one) => one !== null)
}

// The end of the newest file, and of the one before it when that is not enough.
const TAIL_SCRIPT = `f=$1; n=$2
[ -f "$f" ] && [ ! -L "$f" ] || { printf '@%s missing\\n' "$N"; exit 0; }
s=$(wc -c <"$f")
printf '@%s log %s\\n' "$N" "$s"
tail -c "$n" "$f" | od -An -v -tx1 | tr -d ' \\n'; echo`

export type LogTail =
  | { readonly is: 'log'; readonly bytes: Uint8Array; readonly size: number }
  | { readonly is: 'missing' }
  | { readonly is: 'not_reached'; readonly detail: string }

/** The last bytes of an agent's log. */
export const askLogTail = async (executor: Executor, path: string, maxBytes: number): Promise<LogTail> => {
  const answer = await runAct(executor, {
    name: 'engine.log',
    script: TAIL_SCRIPT,
    args: [path, String(maxBytes)],
    deadlineMs: 20_000,
    maxBytes: maxBytes * 2 + 4096,
  })
  if (answer.is !== 'answered') return { is: 'not_reached', detail: answer.detail }
  for (const { tag, lines } of answer.records) {
    if (tag === 'missing') return { is: 'missing' }
    const [, size] = /^log\s+(\d+)$/.exec(tag) ?? []
    if (size !== undefined) return { is: 'log', bytes: Buffer.from(lines[0] ?? '', 'hex'), size: Number(size) }
  }
  return { is: 'not_reached', detail: 'the answer was cut off' }
}
