import type { Executor } from '../../core/executor.ts'
import { sh } from '../../core/sh.ts'
import { runAct } from '../../engine/hosts/machine-act.ts'
import { TMUX_PRELUDE } from '../../engine/hosts/tmux-prelude.ts'

/** One process, told by its start, with the mark it must carry to be ended. */
export interface OrphanTarget {
  readonly pid: number
  readonly startTicks: number
  readonly hub: string
  readonly agentId: string
}

/** `refused`: nothing was signalled. */
export type OrphanEnd =
  | { readonly is: 'ended' | 'survived' | 'gone' }
  | { readonly is: 'refused'; readonly why: 'other_process' | 'not_marked' | 'above_vc' }
  | { readonly is: 'not_reached' | 'unknown'; readonly detail: string }

/**
 * "$1" pid · "$2" its start · "$3" hub · "$4" agent · "$5" grace in tenths of a second. The proofs are looked up in the same
 * breath as the signal: the mark stands in the environment the process was started with, which nothing it did since can change.
 */
const END_BODY = sh`
P=$1; B=$2
# it lives, and is the very one; Z: it ended and nobody took notice
vc_same() { vc_ticks "$P" && [ "$K" = "$B" ] && case $L in [ZX]*) false ;; esac; }
vc_ticks "$P" || { vc_say gone; return 0; }
[ "$K" = "$B" ] || { vc_say "refused other_process"; return 0; }
vc_same || { vc_say gone; return 0; }
e=$(tr '\000' '\n' <"/proc/$P/environ" 2>/dev/null)
if ! printf '%s\n' "$e" | grep -qxF "VC_HUB=$3" || ! printf '%s\n' "$e" | grep -qxF "VC_AGENT=$4"; then
  vc_say "refused not_marked"; return 0
fi
# who carries this script to the machine is not ended by it
x=$$
while [ "$x" -gt 1 ] 2>/dev/null; do
  [ "$x" = "$P" ] && { vc_say "refused above_vc"; return 0; }
  vc_ticks "$x" || break
  x=\${L#? }; x=\${x%% *}
done
vc_say signalled
kill -s TERM "$P" 2>/dev/null; kill -s CONT "$P" 2>/dev/null
i=0
while vc_same && [ "$i" -lt "$5" ]; do vc_nap 0.1; i=$((i + 1)); done
i=0
while vc_same && [ "$i" -lt 30 ]; do kill -s KILL "$P" 2>/dev/null; vc_nap 0.1; i=$((i + 1)); done
if vc_same; then vc_say survived; else vc_say ended; fi
`

const REFUSED = /^refused (other_process|not_marked|above_vc)$/

/** Ends one process that an agent of this vc left behind: TERM, then KILL. Whatever cannot be proven is not signalled. */
export const endOrphan = async (executor: Executor, target: OrphanTarget, graceMs: number): Promise<OrphanEnd> => {
  const answer = await runAct(executor, {
    name: 'engine.orphan',
    script: `${TMUX_PRELUDE}\n${END_BODY}`,
    args: [
      ...[String(target.pid), String(target.startTicks), target.hub, target.agentId],
      String(Math.ceil(graceMs / 100)),
    ],
    deadlineMs: graceMs + 20_000,
  })
  if (answer.is === 'not_reached') return { is: 'not_reached', detail: answer.detail }
  const last = answer.records.at(-1)?.tag ?? ''
  if (last === 'ended' || last === 'survived' || last === 'gone') return { is: last }
  const [, why] = REFUSED.exec(last) ?? []
  if (why !== undefined) return { is: 'refused', why: why as 'other_process' | 'not_marked' | 'above_vc' }
  return { is: 'unknown', detail: answer.is === 'broken_off' ? answer.detail : 'the script stopped half-way' }
}
