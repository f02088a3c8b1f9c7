import type { Ended, HostProcess, PaneDeath, PaneRef } from '../../core/session-host.ts'
import { sh } from '../../core/sh.ts'
import { displayText } from '../../core/text.ts'
import type { ActAnswer, ActRecord } from './machine-act.ts'
import { noHost, trouble } from './tmux-look.ts'
import { TMUX_PRELUDE } from './tmux-prelude.ts'
import { paneOf, surroundingsOf } from './tmux-records.ts'
import { PANE_CHECK } from './tmux-type.ts'

/**
 * "$1" socket · "$2" pane · "$3" identity · "$4" grace in tenths of a second. A process belongs to the pane as its descendant, as a
 * member of its session or as a descendant of one seen before, which `setsid` does not change. One that only carries the
 * pane's mark went away by itself earlier (a daemon others may use): it is named, not ended.
 */
const END_BODY = sh`
# one line per process: pid ppid pgid sid state start comm
vc_table() {
if [ -r /proc/self/stat ]; then
  cat /proc/[0-9]*/stat 2>/dev/null | awk '
    { b = b == "" ? $0 : b "?" $0 }
    !match(b, /\) [A-Za-z] -?[0-9]+ [0-9]+ -?[0-9]+ [^)]*$/) { if (length(b) > 600) b = ""; next }
    { c = substr(b, 1, RSTART - 1); n = split(substr(b, RSTART + 2), a, " "); p = c; sub(/ .*/, "", p); sub(/^[0-9]+ \(/, "", c); gsub(/[^!-~]/, "?", c); b = ""
      print p, a[2], a[3], a[4], a[1], a[20], c }'
else
  LC_ALL=C ps -A -o pid=,ppid=,pgid=,sess=,stat=,lstart=,ucomm= 2>/dev/null | awk '{ c = $11; gsub(/[^!-~]/, "?", c); m = index("JanFebMarAprMayJunJulAugSepOctNovDec", $7); t = $9; gsub(/:/, "", t); print $1, $2, $3, $4, substr($5, 1, 1), sprintf("%d%02d%02d%s", $10, (m + 2) / 3, $8, t), c }'
fi
}
# M: the members alive now, as "pid start pgid comm" lines; "$1": members known before
vc_members() {
M=$(vc_table | VC_K="$1" awk -v root="$pp" -v live="$de" -v me="$$" '
  { pid[NR] = $1; par[NR] = $2; grp[NR] = $3; ses[NR] = $4; st[NR] = $5; at[NR] = $6; co[NR] = $7 }
  END {
    k = split(ENVIRON["VC_K"], l, "\n"); for (i = 1; i <= k; i++) { split(l[i], a, " "); K[a[1] " " a[2]] = 1 }
    for (i = 1; i <= NR; i++) if (pid[i] != me && (K[pid[i] " " at[i]] || ses[i] == root || (live == 0 && pid[i] == root))) { in_[pid[i]] = 1 }
    do { more = 0
      for (i = 1; i <= NR; i++) if (!(pid[i] in in_) && (par[i] in in_) && pid[i] != me) { in_[pid[i]] = 1; more = 1 }
    } while (more)
    for (i = 1; i <= NR; i++) if ((pid[i] in in_) && st[i] !~ /^[ZX]/) print pid[i], at[i], grp[i], co[i]
  }')
}
vc_add() { A=$(printf '%s\n%s\n' "$A" "$M" | awk 'NF && !s[$1 " " $2]++'); }
# groups that a member leads, then every member by itself
vc_signal() {
for x in $(printf '%s\n' "$M" | awk 'NF && $1 == $3 { print "-" $1 }') $(printf '%s\n' "$M" | awk 'NF { print $1 }'); do
  kill -s "$1" -- "$x" 2>/dev/null
done
}
vc_places "$1" || return 0
P=$2 grace=$4
vc_pane "$P" "$3" || return 0
A=; vc_members ''; vc_add
mark=$(tm display-message -p -t "$P" '#{@vc_mark}')
vc_say "ending"
if [ -n "$M" ]; then
  vc_signal TERM; vc_signal HUP; vc_signal CONT
  i=0
  while vc_members "$A"; [ -n "$M" ]; do
    vc_add; [ "$i" -lt "$grace" ] || break
    vc_nap 0.1; i=$((i + 1))
  done
  i=0
  while [ -n "$M" ] && [ "$i" -lt 30 ]; do
    vc_signal KILL; vc_nap 0.1; i=$((i + 1)); vc_members "$A"; vc_add
  done
fi
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
vc_members "$A"
printf '%s\n' "$A" | VC_M="$M" awk -v m="@$N" 'BEGIN { n = split(ENVIRON["VC_M"], l, "\n"); for (i = 1; i <= n; i++) { split(l[i], a, " "); L[a[1] " " a[2]] = 1 } } NF { print m, (L[$1 " " $2] ? "survivor" : "ended"), $1, $2, $4 }'
if [ -n "$mark" ] && [ -r /proc/self/environ ]; then
  for x in $(grep -l -a "VC_SESSION=$mark" /proc/[0-9]*/environ 2>/dev/null); do
    x=\${x#/proc/}; x=\${x%/environ}
    case "$NL$M" in *"$NL$x "*) continue ;; esac
    vc_ticks "$x" || continue
    case $L in [ZX]*) continue ;; esac
    read -r c <"/proc/$x/comm" 2>/dev/null; vc_say "survivor $x $K $c"
  done
fi
vc_say done
`

export const END_SCRIPT = `${TMUX_PRELUDE}\n${PANE_CHECK}\n${END_BODY}`

const processesOf = (records: readonly ActRecord[], word: string): readonly HostProcess[] =>
  records.flatMap(({ tag }) => {
    const [, kind, pid, ticks, comm = ''] = /^(\w+) (\d+) (\d+) (.*)$/.exec(tag) ?? []
    if (kind !== word || pid === undefined || ticks === undefined) return []
    return [{ pid: Number(pid), startTicks: Number(ticks), comm: displayText(comm, 64) }]
  })

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
    ended: processesOf(records, 'ended'),
    survivors: processesOf(records, 'survivor'),
    death: deathIn(ref, records),
    paneRemoved: records.some(({ tag }) => tag === 'removed'),
  }
}
