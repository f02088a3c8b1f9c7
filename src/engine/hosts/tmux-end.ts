import type { Ended, PaneDeath, PaneRef } from '../../core/session-host.ts'
import { sh } from '../../core/sh.ts'
import type { ActAnswer, ActRecord } from './machine-act.ts'
import { PROCESS_SWEEP } from './process-sweep.ts'
import { sweptOf } from './swept.ts'
import { noHost, trouble } from './tmux-look.ts'
import { TMUX_PRELUDE } from './tmux-prelude.ts'
import { paneOf, surroundingsOf } from './tmux-records.ts'
import { PANE_CHECK } from './tmux-type.ts'

/**
 * "$1" socket · "$2" pane · "$3" identity · "$4" grace in tenths of a second. The pane goes last: its exit status is read
 * from it first.
 */
const END_BODY = sh`
vc_places "$1" || return 0
P=$2
vc_pane "$P" "$3" || return 0
mark=$(tm display-message -p -t "$P" '#{@vc_mark}')
vc_say "ending"
vc_sweep "$4"
# tmux learns of a death a moment after the fact, of its status sometimes never
i=0
while [ "$i" -lt 10 ]; do
  f=$(tm display-message -p -t "$P" "@$N $F")
  case $(printf '%s' "$f" | cut -d"$U" -f6,7,8) in 1"$U"*[0-9]*) break ;; esac
  vc_nap 0.05; i=$((i + 1))
done
printf '%s\n' "$f"
tm kill-pane -t "$P" >/dev/null 2>&1
[ "$(tm display-message -p -t "$P" '#{pane_id}' 2>/dev/null)" = "$P" ] || vc_say removed
vc_report "$mark"
vc_say done
`

export const END_SCRIPT = `${TMUX_PRELUDE}\n${PANE_CHECK}\n${PROCESS_SWEEP}\n${END_BODY}`

const deathIn = (ref: PaneRef, records: readonly ActRecord[]): PaneDeath | null => {
  const around = surroundingsOf(ref.machineId, records)
  return records.map((record) => paneOf(record, around)).find((pane) => pane !== null)?.dead ?? null
}

export const readEnd = (ref: PaneRef, answer: ActAnswer): Ended => {
  const none = noHost(ref.machineId, answer)
  if (none !== null) return none
  const records = answer.is === 'not_reached' ? [] : answer.records
  const [, why, detail] =
    /^refused (\w+) (.*)$/.exec(records.find(({ tag }) => tag.startsWith('refused '))?.tag ?? '') ?? []
  if (why === 'pane_gone' || why === 'other_process') return { is: 'refused', why, detail: detail ?? '' }
  if (!records.some(({ tag }) => tag === 'done')) {
    const detail = answer.is === 'broken_off' ? answer.detail : 'the script stopped half-way'
    if (answer.is === 'answered' && !records.some(({ tag }) => tag === 'ending'))
      return trouble('bad_answer', `${ref.machineId}: ${detail}`, 'look at the pane')
    return { is: 'outcome_unknown', detail }
  }
  return {
    is: 'ended',
    ...sweptOf(records),
    death: deathIn(ref, records),
    paneRemoved: records.some(({ tag }) => tag === 'removed'),
  }
}
