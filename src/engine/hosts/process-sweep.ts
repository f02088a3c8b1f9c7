import { sh } from '../../core/sh.ts'

/**
 * Ends the processes of a terminal whose first process is pp (de=1: it is gone already). One belongs to it as its
 * descendant, as a member of its session, or as a descendant of one seen before, which `setsid` does not change. One that only
 * carries the terminal's mark went away by itself earlier (a daemon others may use): it is named, not ended.
 */
export const PROCESS_SWEEP = sh`
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
# "$1" grace in tenths of a second
vc_sweep() {
grace=$1
A=; vc_members ''; vc_add
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
}
# "$1" mark
vc_report() {
mark=$1
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
}
`
