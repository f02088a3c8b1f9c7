import { sh } from '../sh.ts'

/**
 * Finds the towns of this user and asks gt for each. "$1": path of gt, or empty, then pairs:
 * a town vc knows or suspects (a folder at or above which a town may be), and what else to ask there: `convoys` or `mq:<rig>`.
 * GT_HOME keeps gt from writing its usage log; GT_SESSION unset keeps it from touching an agent's heartbeat. `gt mail` is never run:
 * listing an inbox acknowledges it.
 */
export const GASTOWN_BODY = sh`
begin
find_tool "$1" gt || { finish; return 0; }
shift
PATH=$PATH:$HOME/go/bin:$HOME/.local/bin:/usr/local/bin:/opt/homebrew/bin:/home/linuxbrew/.linuxbrew/bin:/usr/local/go/bin
# asked for here, before the names below are taken out of the environment
R1=\${GT_TOWN_ROOT:-} R2=\${GT_ROOT:-}
unset GT_SESSION GT_ROLE GT_RIG GT_POLECAT GT_CREW GT_AGENT GT_TOWN_ROOT GT_ROOT BD_ACTOR TMUX TMUX_PANE
export GT_HOME=/dev/null
SEEN='
'
i=0
town() {
  [ "$i" -lt 8 ] || return 0
  w=$1
  while :; do
    case $w in /*) ;; *) return 0 ;; esac
    [ -f "$w/mayor/town.json" ] && break
    [ "$w" = / ] && return 0
    w=\${w%/*}; w=\${w:-/}
  done
  w=$(cd "$w" 2>/dev/null && pwd -P) || return 0
  case $w in *[[:cntrl:]]*) return 0 ;; esac
  # a folder of somebody else is not to be worked in: its settings would be obeyed
  [ -O "$w" ] && [ -O "$w/mayor/town.json" ] || return 0
  case $SEEN in *"
$w
"*) return 0 ;; esac
  SEEN="$SEEN$w
"
  i=$((i+1))
  part "town.$i" 2 printf '%s\n' "$w"
  cd "$w" || return 0
  [ -f mayor/rigs.json ] && [ ! -L mayor/rigs.json ] && part "rigs.$i" 2 head -c 262144 mayor/rigs.json
  part "status.$i" 20 "$tool" status --json --fast
  case $2 in
    convoys) part "convoys.$i" 20 "$tool" convoy list --json ;;
    mq:*) part "mq.$i" 20 "$tool" mq list "\${2#mq:}" --json ;;
  esac
}
while [ $# -gt 1 ]; do town "$1" "$2"; shift 2; done
for r in "$R1" "$R2" "$HOME/gt"; do [ -n "$r" ] && town "$r" convoys; done
finish
`
