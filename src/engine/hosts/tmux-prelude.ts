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
  K=$(set -- $L; shift 19 2>/dev/null && printf %s "$1")
else
  L=$(LC_ALL=C ps -o lstart= -p "$1" 2>/dev/null) || return 1
  K=$(TZ=UTC0 date -j -f '%a %b %d %T %Y' "$L" +%s 2>/dev/null)
fi
[ -n "$K" ]
}
vc_nap() { sleep "$1" 2>/dev/null || sleep 1; }
F="P$U#{pid}$U#{start_time}$U#{pane_id}$U#{pane_pid}$U#{pane_dead}$U#{pane_dead_status}$U#{pane_dead_signal}$U#{pane_dead_time}$U#{alternate_on}$U#{pane_in_mode}$U#{window_activity}$U#{session_created}$U#{pane_width}$U#{pane_height}$U#{history_size}$U#{cursor_x}$U#{cursor_y}$U#{pane_tty}$U#{@vc_began}$U#{session_id}$U#{pane_current_command}$U#{session_name}$U#{@vc_tags}$U#{pane_current_path}$U#{pane_title}"
CF="C$U#{session_id}$U#{client_control_mode}$U#{client_readonly}$U#{client_activity}$U#{client_tty}$U#{client_name}"
# E: T records for the processes of all live panes in $1, which holds P records
vc_starts() {
for p in $(printf '%s\n' "$1" | awk -F"$U" -v M="@$N P" '$1 == M && $6 == 0 && $5 ~ /^[0-9]+$/ { print $5 }' | sort -u); do
  vc_ticks "$p" && vc_say "T $p $K"
done
return 0
}
`
