import { randomBytes } from 'node:crypto'
import type { PaneRef, Typed, TypePrecondition, TypeRefusal, TypeRequest } from '../../core/session-host.ts'
import { sh } from '../../core/sh.ts'
import type { ActAnswer } from './machine-act.ts'
import { noHost, trouble } from './tmux-look.ts'
import { TMUX_PRELUDE } from './tmux-prelude.ts'
import { screensOf } from './tmux-records.ts'
import type { CleanText } from './typed-text.ts'

/** Shared by all acts on one pane. "$1" pane · "$2" `serverPid serverStart panePid ticks`. Sets si, ty, w, de, im, io. */
export const PANE_CHECK = sh`
vc_refuse() { vc_say "refused $*"; }
vc_pane() {
f=$(tm display-message -p -t "$1" "V #{pid} #{start_time} #{pane_id} #{pane_pid} #{pane_dead} #{pane_in_mode} #{pane_input_off} #{session_id} #{?#{pane_tty},#{pane_tty},-} #{?#{@vc_began},#{@vc_began},0} #{?#{@vc_w},#{@vc_w},-}" ';' list-clients -F "@$N $CF" 2>&1)
read -r v sp ss pi pp de im io si ty bg w <<EOV
$f
EOV
if [ "$v" != V ] || [ "$pi" != "$1" ]; then vc_refuse pane_gone "$1 is not there"; return 1; fi
set -- $2
if [ "$sp $ss" != "$1 $2" ]; then vc_refuse pane_gone "the tmux server is another one"; return 1; fi
K=; vc_ticks "$pp"
# of a dead pane nobody may have taken the number since
[ "$de" = 1 ] && K=$bg
if [ "$pp $K" != "$3 $4" ]; then vc_refuse other_process "process $pp began at \${K:--}"; return 1; fi
}
`

/**
 * "$1" socket · "$2" pane · "$3" identity · "$4" seconds without keys of a person · "$5" lease · "$6" text ·
 * "$7" pause between keys · "$8" pause before Enter or '' · "$9" 1: a line is too long for line mode; then count and keys,
 * then what the screen must show. The writer's lease is an option of the pane: it ends by itself and with the pane.
 */
const TYPE_BODY = sh`
vc_places "$1" || return 0
P=$2 who=$3 quiet=$4 lease=$5 text=$6 pause=$7 enter=$8 long=$9; shift 9
may_type() {
[ "$de" = 0 ] || { vc_refuse pane_dead "its process ended"; return 1; }
[ "$im" = 0 ] || { vc_refuse copy_mode "the pane is in copy mode"; return 1; }
[ "$io" = 0 ] || { vc_refuse input_off "input to the pane is switched off"; return 1; }
case $f in *"@$N C$U"*)
  h=$(printf '%s\n' "$f" | awk -F"$U" -v M="@$N C" -v s="$si" -v q="$quiet" -v now="$now" '$1 == M && $2 == s && $3 == 0 && $4 == 0 && now - $5 < q { print now - $5; exit }')
  [ -z "$h" ] || { vc_refuse human_typing "a person pressed a key $h s ago"; return 1; } ;;
esac
[ "$long" = 1 ] || return 0
case " $(stty -a <"$ty" 2>/dev/null) " in
*" -icanon"*) return 0 ;;
esac
vc_refuse line_too_long "the terminal edits lines itself and would cut them"; return 1
}
tries=0
while :; do
  vc_pane "$P" "$who" || return 0
  now=$(date +%s)
  may_type || return 0
  case $w in
  -) w= ;;
  *[!0-9a-f.]*) vc_refuse busy_writer "@vc_w is set by somebody else"; return 0 ;;
  esac
  if [ -z "$w" ] || [ "\${w#*.}" -le "$now" ]; then
    new=$lease.$((now + 15))
    got=$(tm if-shell -F -t "$P" "#{==:#{@vc_w},$w}" "set-option -p -t $P @vc_w $new" ';' display-message -p -t "$P" '#{@vc_w}')
    [ "$got" != "$new" ] || break
  fi
  tries=$((tries + 1))
  [ "$tries" -lt 100 ] || { vc_refuse busy_writer "another writer holds the pane"; return 0; }
  vc_nap 0.1
done
n=$1; shift
scr=
if [ $# -gt "$n" ]; then
  scr=$(tm capture-pane -p -J -t "$P")
  i=0
  for x in "$@"; do
    i=$((i + 1)); [ "$i" -gt "$n" ] || continue
    case $scr in *"$x"*) : ;; *) tm set-option -p -u -t "$P" @vc_w; vc_refuse screen_changed "the screen does not show what it must"; return 0 ;; esac
  done
fi
i=0; for x in "$@"; do
  [ "$i" -gt 0 ] || set --
  i=$((i + 1)); [ "$i" -le "$n" ] || break
  [ "$pause" = 0 ] || [ "$i" = 1 ] || set -- "$@" run-shell -d "$pause" ';'
  [ "$x" != ';' ] || x='\;'
  set -- "$@" send-keys -t "$P" -- "$x" ';'
done
[ "$n" -gt 0 ] || set --
[ -z "$enter" ] || set -- "$@" run-shell -d "$enter" ';' send-keys -t "$P" -- Enter ';'
set -- "$@" display-message -p "@$N typed" ';' set-option -p -u -t "$P" @vc_w ';' display-message -p -t "$P" "@$N $F" ';' display-message -p "@$N S" ';' capture-pane -p -J -t "$P"
vc_say acting
K=; vc_ticks "$pp" && vc_say "T $pp $K"
if [ -n "$text" ]; then
  printf %s "$text" | tm load-buffer -b "vc-$lease" - ';' paste-buffer -p -d -b "vc-$lease" -t "$P" ';' "$@" 2>&1
else
  tm "$@" 2>&1
fi
vc_say "acted $?"
`

export const TYPE_SCRIPT = `${TMUX_PRELUDE}\n${PANE_CHECK}\n${TYPE_BODY}`

export const identityOf = (ref: PaneRef): string => `${ref.serverPid} ${ref.serverStartS} ${ref.pid} ${ref.startTicks}`

const seconds = (ms: number): string => (ms / 1000).toFixed(3)

export const typeArgs = (
  ref: PaneRef,
  clean: CleanText,
  request: TypeRequest,
  { stillShows = [], humanQuietS = 5 }: TypePrecondition,
): readonly string[] => {
  const { keys = [], keyPauseMs = 0, enterAfterMs } = request
  const pauses = [keyPauseMs === 0 ? '0' : seconds(keyPauseMs), enterAfterMs === undefined ? '' : seconds(enterAfterMs)]
  const head = [ref.socket, ref.paneId, identityOf(ref), `${humanQuietS}`, randomBytes(6).toString('hex'), clean.text]
  return [...head, ...pauses, clean.longLine ? '1' : '0', `${keys.length}`, ...keys, ...stillShows]
}

export const readType = (ref: PaneRef, clean: CleanText, answer: ActAnswer): Typed => {
  const none = noHost(ref.machineId, answer)
  if (none !== null) return none
  const records = answer.is === 'not_reached' ? [] : answer.records
  const [, why, detail] =
    /^refused (\w+) (.*)$/.exec(records.find(({ tag }) => tag.startsWith('refused '))?.tag ?? '') ?? []
  if (why !== undefined) return { is: 'refused', why: why as TypeRefusal, detail: detail ?? '' }
  if (records.some(({ tag }) => tag === 'typed')) {
    const after = screensOf(ref.machineId, records).get(ref.paneId)
    return { is: 'typed', bytes: clean.bytes, dropped: clean.dropped, after: after?.is === 'screen' ? after : null }
  }
  if (answer.is === 'broken_off') return { is: 'outcome_unknown', detail: answer.detail }
  const said = records
    .find(({ tag }) => tag === 'acting')
    ?.lines.join(' ')
    .trim()
    .slice(0, 300)
  if (said !== undefined) return { is: 'outcome_unknown', detail: `tmux stopped half-way: ${JSON.stringify(said)}` }
  return trouble('bad_answer', `${ref.machineId}: no word about the keys`, 'look at the pane')
}
