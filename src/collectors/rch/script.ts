import { sh } from '../sh.ts'

/**
 * Status of rchd, its metrics and the incident ledger since last time.
 * $1 path of rch, $2 port of the metrics (0: none), $3 inode and $4 offset of the ledger as last read.
 * `rch` without a subcommand would wait on stdin as a hook; here every command has none.
 */
export const RCH_BODY = sh`
begin
find_tool "$1" rch || { finish; return 0; }
unset RCH_OUTPUT_FORMAT TOON_DEFAULT_FORMAT
status() {
  o=$("$tool" status --json --format json 2>/dev/null) ; s=$?
  case $s,$o in
  0,*) ;;
  *ocket\ not\ found*)
    # a login that is no session has no XDG_RUNTIME_DIR, and rch then looks elsewhere than its daemon listens
    d=/run/user/$(id -u)
    if [ "$XDG_RUNTIME_DIR" != "$d" ] && [ -S "$d/rch.sock" ]; then
      export XDG_RUNTIME_DIR=$d
      o=$("$tool" status --json --format json 2>/dev/null); s=$?
    fi ;;
  esac
  printf '%s\n' "$o"
  return $s
}
printf '\036%s status\n' "$N"
status; printf '\037%s %s\n' "$N" "$?"
if [ "$2" != 0 ]; then
  if command -v curl >/dev/null 2>&1; then part metrics 5 curl -sS -f -m 4 --noproxy '*' "http://127.0.0.1:$2/metrics"
  else printf '\036%s metrics\n\037%s 127\n' "$N" "$N"; fi
fi
f=\${RCH_STATE_HOME:-\${XDG_STATE_HOME:-$HOME/.local/state}/rch}/incidents.jsonl
printf '\036%s ledger\n' "$N"
if [ -f "$f" ] && [ -r "$f" ] && [ ! -L "$f" ]; then
  i=$(ls -i "$f") ; i=\${i# } ; i=\${i%% *}
  z=$(wc -c <"$f"); z=$((z+0))
  at=$4
  [ "$i" = "$3" ] && [ "$at" -le "$z" ] || at=0
  printf '%s %s %s\n' "$i" "$at" "$z"
  [ "$at" -ge "$z" ] || tail -c "+$((at+1))" "$f" | head -c 1048576
else printf 'none\n'; fi
printf '\037%s 0\n' "$N"
finish
`
