import { sh } from '../sh.ts'

/**
 * Finds the .beads folders above some directories and says how their files stand; reads nothing but metadata.json. vc
 * prepends `N` (nonce). RS plus nonce starts the answer of a directory, US plus nonce a field. A stat is
 * `inode size seconds words`; its words change when the file does.
 */
export const LOOK_SCRIPT = sh`
export LC_ALL=C TZ=UTC0
R=$(printf '\036')
SEEN=$R
st() {
  [ -f "$1" ] || { [ -e "$1" ] && printf other; return 0; }
  stat -L -c '%i %s %Y %y' -- "$1" 2>/dev/null || stat -L -f '%i %z %m %Fm' -- "$1" 2>/dev/null
}
f() { printf '\037%s%s' "$N" "$1"; }
up() {
  d=$1
  while [ ! -d "$d" ]; do
    case $d in */*) d=\${d%/*}; d=\${d:-/} ;; *) return ;; esac
    [ -d "$d" ] && [ ! -x "$d" ] && { printf denied; return; }
  done
  [ "$d" = "$1" ] || { printf missing; return; }
  cd "$d" 2>/dev/null || { printf denied; return; }
  d=$(pwd -P)
  n=0
  while [ "$n" -lt 24 ]; do
    if [ -d "$d/.beads" ]; then
      [ -r "$d/.beads" ] && [ -x "$d/.beads" ] || { printf denied; return; }
      for g in metadata.json config.json issues.jsonl beads.jsonl beads.db redirect; do
        [ -e "$d/.beads/$g" ] && { printf 'found %s' "$d/.beads"; return; }
      done
    fi
    case $d in /|'') break ;; esac
    d=\${d%/*}; n=$((n+1))
  done
  printf none
}
i=0
printf 'vc-beads 1 %s\n' "$N"
for dir; do
  i=$((i+1))
  printf '\036%s P %s' "$N" "$i"
  w=$(up "$dir")
  case $w in found\ *) ;; *) f "$w"; continue ;; esac
  b=\${w#found }
  if [ -f "$b/redirect" ]; then
    t=$(head -c 4096 "$b/redirect" | sed -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//' -e '/^$/d' -e '/^#/d' | head -n 1)
    case $t in '') ;; /*) ;; *) t=\${b%/.beads}/$t ;; esac
    if [ -n "$t" ] && [ -d "$t" ]; then t=$(cd "$t" 2>/dev/null && pwd -P) && b=$t; fi
  fi
  case $SEEN in *"$R$b$R"*) f same; f "$b"; continue ;; esac
  SEEN=$SEEN$b$R
  f project; f "$b"
  m=$b/metadata.json; [ -f "$m" ] || m=$b/config.json
  f "$( [ -f "$m" ] && head -c 4096 "$m" )"
  j=issues.jsonl; [ -e "$b/$j" ] || { [ -e "$b/beads.jsonl" ] && j=beads.jsonl; }
  f "$j"; f "$(st "$b/$j")"
  f "$(st "$b/beads.db") $(st "$b/beads.db-wal")"
  o=
  for x in "$b"/embeddeddolt/*/.dolt/noms/manifest; do
    [ -f "$x" ] || continue
    # bd rewrites these when it only reads: the same bytes with a new time, so what counts is content and the journal's size
    v=\${x%/*}/vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv
    o="$(st "$x")|$(head -c 65536 "$x" | cksum) $( [ -f "$v" ] && wc -c <"$v")"
    break
  done
  f "$o"
done
printf '\036%s end' "$N"
`

/**
 * What a tool knows that the files do not: "$1" which, "$2" its path, "$3" the .beads folder. Every spelling here only
 * reads: bd would otherwise export and stage issues.jsonl, br would import and flush.
 */
export const LIST_SCRIPT = sh`
cd "\${3%/*}" || exit 9
export BEADS_DIR="$3" LC_ALL=C
exec </dev/null
case $1 in
bd)
  export BD_EXPORT_AUTO=false BD_BACKUP_ENABLED=false BD_JSON_ENVELOPE=0
  exec "$2" --readonly --sandbox list --json --all --limit 0 ;;
br)
  unset BR_OUTPUT_FORMAT TOON_DEFAULT_FORMAT
  exec "$2" --no-auto-import --no-auto-flush --no-daemon --lock-timeout 2000 --no-color list --json --all --limit 0 ;;
esac
exit 9
`

/** Triage of bv: "$1" its path, "$2" the .beads folder. The first line is its version. */
export const TRIAGE_SCRIPT = sh`
cd "\${2%/*}" || exit 9
export BEADS_DIR="$2" LC_ALL=C BV_ROBOT_HISTORY_TIMEOUT_MS=2000 BV_OUTPUT_FORMAT=json
unset TOON_DEFAULT_FORMAT
exec </dev/null
"$1" --version 2>/dev/null | head -n 1
exec "$1" --robot-triage
`
