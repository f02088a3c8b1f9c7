import { sh } from '../sh.ts'

/**
 * Who holds the terminals of some agent processes. Arguments: their pids. Nothing is started that belongs to a multiplexer:
 * `screen -ls` makes its socket folder and `zellij list-sessions` deletes sockets it finds dead, so vc reads what they read.
 * Records are lines of TAB-separated fields, free text last: `C` one process on the way up from an agent, `S` a screen server's
 * socket, `Z` a zellij server's, `W` the window an agent was started in. Of an environment only two numbers are printed.
 */
export const TERMINALS_SCRIPT = sh`
vcterm() {
LC_ALL=C; export LC_ALL
os=$(uname -s); boot=-
[ -r /proc/sys/kernel/random/boot_id ] && read -r boot </proc/sys/kernel/random/boot_id
printf 'vc-terminals 1\t%s\t%s\n' "$os" "$boot"
u=$(id -un)
seen=' '
screen_of() {
  for d in "\${SCREENDIR:-/run/screen/S-$u}" "/run/screen/S-$u" "/run/screens/S-$u" "/var/run/screen/S-$u" "/tmp/screens/S-$u" "/tmp/uscreens/S-$u" "$HOME/.screen" "\${TMPDIR:-/tmp}/.screen"; do
    for f in "$d/$1".*; do
      case $f in *[[:cntrl:]]*) continue ;; esac
      { [ -S "$f" ] || [ -p "$f" ]; } || continue
      # screen keeps the execute bit of its socket set while somebody is attached
      x=0; [ -x "$f" ] && x=1
      printf 'S\t%s\t%s\t%s\n' "$1" "$x" "$f"; return
    done
  done
}
zellij_of() {
  z=$(tr '\000' '\n' <"/proc/$1/cmdline" | sed -n '/^--server$/{n;p;q;}')
  case $z in '' | *[[:cntrl:]]*) ;; *) printf 'Z\t%s\t%s\n' "$1" "$z" ;; esac
}
window_of() {
  tr '\000' '\n' <"/proc/$1/environ" | grep -E '^(WINDOW|ZELLIJ_PANE_ID)=[0-9]{1,6}$' | while IFS='=' read -r k v; do
    printf 'W\t%s\t%s\t%s\n' "$1" "$k" "$v"
  done
}
note() {
  case $seen in *" $1 "*) return ;; esac
  seen="$seen$1 "
  case $2 in [Ss][Cc][Rr][Ee][Ee][Nn]*) screen_of "$1" ;; zellij*) [ "$os" = Linux ] && zellij_of "$1" ;; esac
}
climb() {
  a=$1 p=$1 n=0 held=
  while [ "$p" -gt 0 ] && [ "$n" -lt 40 ]; do
    n=$((n+1)); l=
    { read -r l <"/proc/$p/stat"; } || break
    c=\${l#*\(}; c=\${c%\)*}
    set -- \${l##*\) }
    [ $# -ge 20 ] || break
    printf 'C\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$a" "$p" "$2" "$4" "$5" "\${20}" "$c"
    up=$2
    note "$p" "$c"
    case $c in [Ss][Cc][Rr][Ee][Ee][Nn] | zellij) held=1 ;; esac
    p=$up
  done
  [ -n "$held" ] && window_of "$a"
}
if [ "$os" = Linux ]; then
  for one in "$@"; do climb "$one"; done
else
  # one look at the process table; lstart is five words
  ps -A -o pid=,ppid=,tty=,lstart=,ucomm= | VC_A="$*" awk '
    { pid = $1; up[pid] = $2; tty[pid] = $3; at[pid] = $4 " " $5 " " $6 " " $7 " " $8; nm = $9; for (i = 10; i <= NF; i++) nm = nm " " $i; comm[pid] = nm }
    END { n = split(ENVIRON["VC_A"], A, " ")
      for (i = 1; i <= n; i++) for (p = A[i]; p > 0 && (p in up) && d[i]++ < 40; p = up[p])
        printf "C\t%s\t%s\t%s\t0\t%s\t%s\t%s\n", A[i], p, up[p], tty[p], at[p], comm[p] }'
fi
printf 'end\n'
}
vcterm "$@" </dev/null 2>/dev/null
`
