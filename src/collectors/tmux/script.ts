import { sh } from '../sh.ts'

/**
 * Every tmux server of the user in one pass: sockets of the default folder and vc's own. vc prepends `N` (nonce).
 * "$1" pairs already known and settled, one `socket US pane US key` per line · "$2" terminals of known agents, one per line ·
 * "$3" most panes to capture per server. Every line that starts a record begins with `@<nonce>`; any other line continues the
 * record above it, because a path may hold a line feed.
 */
export const TMUX_SCRIPT = sh`
vctmux() {
unset TMUX TMUX_PANE
LC_ALL=C; export LC_ALL
K=$1 TT=$2 MX=$3
PATH=$PATH:/usr/local/bin:/opt/homebrew/bin:/home/linuxbrew/.linuxbrew/bin:$HOME/.local/bin
U=$(printf '\037'); B=$(command -v tmux 2>/dev/null)
printf '@%s vc-tmux 2 %s %s\n' "$N" "$(date +%s)" "\${B:--}"
[ -n "$B" ] || { printf '@%s end\n' "$N"; return 0; }
printf '@%s version %s\n' "$N" "$(tmux -V 2>/dev/null)"
T=; command -v timeout >/dev/null 2>&1 && T='timeout 4'
F="@$N P$U#{pid}$U#{start_time}$U#{session_id}$U#{window_id}$U#{window_index}$U#{pane_id}$U#{pane_index}$U#{pane_pid}$U#{pane_dead}$U#{pane_dead_status}$U#{pane_dead_signal}$U#{pane_active}$U#{window_active}$U#{alternate_on}$U#{pane_in_mode}$U#{window_activity}$U#{session_created}$U#{session_activity}$U#{session_attached}$U#{pane_width}$U#{pane_height}$U#{history_size}$U#{cursor_x}$U#{cursor_y}$U#{pane_tty}$U#{pane_current_command}$U#{session_name}$U#{window_name}$U#{pane_current_path}$U#{pane_title}"
# vc's own; a socket address holds about a hundred bytes, a longer path is replaced as where it was made
O=\${XDG_STATE_HOME:-$HOME/.local/state}/vc/run/tmux.sock
if [ \${#O} -gt 100 ]; then O=/tmp/vc-$(id -u)-$(printf %s "$O" | cksum | cut -d' ' -f1)/tmux.sock; fi
for s in "\${TMUX_TMPDIR:-/tmp}/tmux-$(id -u)"/* "$O"; do
  # a folder or socket of somebody else in a shared temp folder is not ours to talk to
  [ -S "$s" ] && [ -O "$s" ] && [ -O "\${s%/*}" ] || continue
  o=$($T tmux -u -S "$s" list-panes -a -F "$F" 2>&1); rc=$?
  printf '@%s S%s%s%s%s\n%s\n' "$N" "$U" "$rc" "$U" "$s" "$o"
  [ "$rc" -eq 0 ] || continue
  # which panes hold an agent and changed since vc last saw a settled screen of theirs
  c=$(printf '%s\n' "$o" | VC_S="$s" VC_K="$K" VC_T="$TT" awk -F"$U" -v M="@$N P" -v MAX="$MX" '
    BEGIN {
      n = split(ENVIRON["VC_K"], k, "\n"); for (i = 1; i <= n; i++) K[k[i]] = 1
      n = split(ENVIRON["VC_T"], k, "\n"); for (i = 1; i <= n; i++) if (k[i] != "") T[k[i]] = 1
    }
    $1 == M && $7 ~ /^%[0-9]+$/ && !($7 in D) {
      D[$7] = 1; tty = $26; sub(/^\/dev\//, "", tty); ti = $NF
      if (!(tty in T) && $27 !~ /^(claude|codex|gemini|opencode|aider|amp|goose|crush|droid|copilot|qwen|cursor-agent|[0-9]+\.[0-9]+\.[0-9]+)$/ && ti !~ /^([^ -~]|OC [|]|OpenCode|\[ [!.] \])/) next
      key = ENVIRON["VC_S"] FS $7 FS $2 ":" $3 ":" $9 ":" $10 ":" $16 ":" $17 ":" $21 ":" $22 ":" $23 ":" $24 ":" $25
      if (!(key in K) && m++ < MAX) print $7
    }')
  [ -n "$c" ] || continue
  # one tmux for all of them; a pane that vanished meanwhile ends the row there, and the next look gets the rest
  set --
  for p in $c; do set -- "$@" display-message -p -t "$p" "@$N C$U#{pane_id}" ';' capture-pane -p -J -e -t "$p" ';'; done
  $T tmux -u -S "$s" "$@" 2>/dev/null; printf '@%s F%s%s\n' "$N" "$U" "$?"
done
printf '@%s end\n' "$N"
}
vctmux "$@" </dev/null
`
