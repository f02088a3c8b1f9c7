import { sh } from '../sh.ts'

/**
 * Asks tools for their version, one after the other, ten seconds each. vc prepends `N` (nonce) and sends pairs: how, path.
 * `flag` runs `--version`, `word` that and then `version`, `dash-v` runs `-V`; `package` runs nothing and reads the
 * package.json above the resolved program. After a minute no further tool is begun; the rest waits for the next look.
 */
export const VERSIONS_SCRIPT = sh`
vcversions() {
export LC_ALL=C NO_COLOR=1 CI=1 TERM=dumb DISABLE_AUTOUPDATER=1
cd / || return 0
OP=$PATH S0=$(date +%s) T=
if command -v timeout >/dev/null 2>&1; then T='timeout -k 1 10'
elif command -v perl >/dev/null 2>&1; then T='perl -e alarm(shift);exec(@ARGV) 10'; fi
say() { { $T "$p" "$1" 2>&1 </dev/null; printf '\037%s%s' "$N" "$?"; } | head -c 4000; }
printf 'vc-versions 1 %s\n' "$N"
i=0
while [ $# -gt 0 ]; do
  how=$1 p=$2; shift 2; i=$((i+1))
  [ $(($(date +%s) - S0)) -lt 60 ] || break
  printf '\036%s R %s\037%s' "$N" "$i" "$N"
  PATH=\${p%/*}:$OP
  if [ "$how" = package ]; then
    r=$(readlink -f "$p" 2>/dev/null) || r=$p
    d=\${r%/*} n=0
    while [ -n "$d" ] && [ $n -lt 6 ]; do
      n=$((n+1))
      if grep -q '"version"' "$d/package.json" 2>/dev/null; then grep -E '^[[:space:]]*"(name|version)"[[:space:]]*:' "$d/package.json" | head -n 8; break; fi
      d=\${d%/*}
    done
    printf '\037%s0' "$N"
  elif [ -z "$T" ]; then printf '\037%suntimed' "$N"
  else
    w=--version; [ "$how" = dash-v ] && w=-V
    o=$(say "$w")
    # some programs know a word instead of the flag; others would take the word for a prompt or a file, and are not asked
    case $how,$o in word,*[0-9].[0-9]*) ;; word,*) o=$(say version) ;; esac
    printf %s "$o"
  fi
  PATH=$OP
done
printf '\036%s end' "$N"
}
vcversions "$@" </dev/null 2>/dev/null
`
