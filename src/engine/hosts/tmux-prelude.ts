import { sh } from '../../core/sh.ts'

/** Between the fields of a record. Titles and names cannot hold it, paths can: they stand last. */
export const UNIT = '\u001f'

/**
 * Shell functions all acts on a tmux server share. A path of a socket may be given; without one it is vc's own, the
 * same on every machine. Pane ids are checked before they come here; everything else is only ever used as "$v".
 */
export const TMUX_PRELUDE = sh`
unset TMUX TMUX_PANE
PATH=$PATH:/usr/local/bin:/opt/homebrew/bin:/home/linuxbrew/.linuxbrew/bin:$HOME/.local/bin
U=$(printf '\037'); NL='
'
vc_say() { printf '@%s %s\n' "$N" "$*"; }
# S: the socket, D: its folder
vc_places() {
S=$1
if [ -z "$S" ]; then
  S=\${XDG_STATE_HOME:-$HOME/.local/state}/vc/run/tmux.sock
  # a socket address holds about a hundred bytes
  if [ \${#S} -gt 100 ]; then S=/tmp/vc-$(id -u)-$(printf %s "$S" | cksum | cut -d' ' -f1)/tmux.sock; fi
fi
D=\${S%/*}
TO=; command -v timeout >/dev/null 2>&1 && TO='timeout 10'
if ! command -v tmux >/dev/null 2>&1; then vc_say "none no tmux on the PATH"; return 1; fi
# a socket in a folder of somebody else is not ours to talk to
if [ -e "$S" ] && { [ ! -S "$S" ] || [ ! -O "$S" ] || [ ! -O "$D" ]; }; then vc_say "none $S belongs to somebody else"; return 1; fi
vc_say "socket $S"
}
tm() { $TO tmux -u -S "$S" "$@"; }
# K: when this process began; empty when it is gone
vc_ticks() {
K=; L=
if [ -r /proc/self/stat ]; then
  { read -r L <"/proc/$1/stat"; } 2>/dev/null || return 1
  L=\${L##*) }
  set -- $L
  [ $# -lt 20 ] || K=\${20}
else
  L=$(LC_ALL=C ps -o lstart= -p "$1" 2>/dev/null) || return 1
  K=$(TZ=UTC0 date -j -f '%a %b %d %T %Y' "$L" +%s 2>/dev/null)
fi
[ -n "$K" ]
}
vc_nap() { sleep "$1" 2>/dev/null || sleep 1; }
F="P$U#{pid}$U#{start_time}$U#{pane_id}$U#{pane_pid}$U#{pane_dead}$U#{pane_dead_status}$U#{pane_dead_signal}$U#{pane_dead_time}$U#{alternate_on}$U#{pane_in_mode}$U#{window_activity}$U#{session_created}$U#{pane_width}$U#{pane_height}$U#{history_size}$U#{cursor_x}$U#{cursor_y}$U#{pane_tty}$U#{@vc_began}$U#{session_id}$U#{pane_current_command}$U#{session_name}$U#{@vc_tags}$U#{pane_current_path}$U#{pane_title}"
CF="C$U#{session_id}$U#{client_control_mode}$U#{client_readonly}$U#{client_activity}$U#{client_tty}$U#{client_name}"
# all P and C records; LIVE: pane/pid of every pane once, pid 0 for a dead one; T records for the live processes
vc_list() {
o=$(tm list-panes -a -F "@$N $F" ';' list-clients -F "@$N $CF" 2>&1); rc=$?
vc_say "listed $rc $(date +%s)"
printf '%s\n' "$o"
[ "$rc" -eq 0 ] || return 1
LIVE=$(printf '%s\n' "$o" | awk -F"$U" -v M="@$N P" '$1 == M && $4 ~ /^%[0-9]+$/ && !s[$4]++ { print $4 "/" ($6 == 0 && $5 ~ /^[0-9]+$/ ? $5 : 0) }')
for p in $LIVE; do
  [ "\${p#*/}" = 0 ] || { vc_ticks "\${p#*/}" && vc_say "T \${p#*/} $K"; }
done
}
`
