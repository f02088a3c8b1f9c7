import { sh } from '../sh.ts'

/**
 * Results files newer than $1 (a file name, '' for none), oldest first, at most 20 and 2 MiB. No tool is run: a visible
 * .jsonl is complete, and `check` or `serve` must never be started from here. Names sort by time.
 */
export const AFSC_BODY = sh`
begin
d=\${HOME:-/tmp}/.local/share/afsc/results
if [ -d "$d" ] && [ -r "$d" ] && [ -x "$d" ]; then
  cd "$d" || return 0
  z=0
  for f in $(ls | SINCE=$1 awk '/^results_[0-9][A-Za-z0-9_.-]*\.jsonl$/ && ($0 "") > (ENVIRON["SINCE"] "")' | sort | head -n 20); do
    [ -f "$f" ] && [ ! -L "$f" ] || continue
    s=$(wc -c <"$f")
    [ $z -eq 0 ] || [ $((z+s)) -le 2097152 ] || break
    z=$((z+s+1))
    part "$f" 5 head -c 2097152 "$f"
  done
  printf '\036%s folder\nread\037%s 0\n' "$N" "$N"
elif [ -e "$d" ]; then printf '\036%s folder\ndenied\037%s 0\n' "$N" "$N"
else printf '\036%s folder\nnone\037%s 0\n' "$N" "$N"; fi
finish
`
