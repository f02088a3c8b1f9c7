import { sh } from '../sh.ts'

/**
 * One pass over the live state files of this user. "$1".."$n": further Claude config homes. Prints, one record a line:
 * `H <sessions dir>` · `F <n> <pid>` then `S <stat line of that pid>` and `J <json without newlines>` · `T <thread history>`
 * · `I <index of threads>` · `W <place where one of these may still appear>` · `O <opencode log>` then `L <state line>`. Key files beside the registry are never opened: only `<digits>.json` is.
 */
export const LIVE_SCRIPT = sh`# vc:ask live.state
n=0
registry() {
  [ -d "$1/sessions" ] || { printf 'W %s\n' "$1/sessions"; return 0; }
  n=$((n + 1))
  printf 'H %s\n' "$1/sessions"
  for f in "$1/sessions"/*.json; do
    b=\${f##*/}; p=\${b%.json}
    case $p in ''|*[!0-9]*) continue ;; esac
    [ -f "$f" ] && [ ! -L "$f" ] || continue
    printf 'F %s %s\n' "$n" "$p"
    if [ -r "/proc/$p/stat" ]; then printf 'S '; head -c 4096 "/proc/$p/stat" 2>/dev/null | tr -d '\n'; printf '\n'; fi
    printf 'J '; head -c 65536 "$f" 2>/dev/null | tr -d '\r\n'; printf '\n'
  done
}
home=\${HOME:-}
[ -n "$home" ] && registry "$home/.claude"
if [ -n "\${CLAUDE_CONFIG_DIR:-}" ] && [ "$CLAUDE_CONFIG_DIR" != "$home/.claude" ]; then registry "$CLAUDE_CONFIG_DIR"; fi
for extra in "$@"; do registry "$extra"; done
codex=\${CODEX_HOME:-$home/.codex}
t=
for t in "$codex"/thread_history_*.sqlite; do [ -f "$t" ] && printf 'T %s\n' "$t"; done
[ -f "$t" ] || printf 'W %s\n' "$codex"
for t in "$codex"/state_*.sqlite; do [ -f "$t" ] && printf 'I %s\n' "$t"; done
log=\${XDG_DATA_HOME:-$home/.local/share}/opencode/log/opencode.log
[ -f "$log" ] || printf 'W %s\n' "$log"
if [ -f "$log" ]; then
  printf 'O %s\n' "$log"
  tail -c 131072 "$log" 2>/dev/null | grep -F -e 'message=asking' -e 'message="stream error"' -e 'message=loop' \
    -e 'message="exiting loop"' -e 'message=cancel' -e 'message=process' -e 'message=stream' \
    -e 'message="creating instance"' -e 'message=created' | cut -c1-2000 | tail -n 300 | sed 's/^/L /'
fi
exit 0
`
