import { randomBytes } from 'node:crypto'
import { VcError } from '../../core/errors.ts'
import { sha256 } from '../../core/ids.ts'
import type { HostTrouble, SessionSpec, Started } from '../../core/session-host.ts'
import { sh } from '../../core/sh.ts'
import type { ActAnswer } from './machine-act.ts'
import { KEEP_LOG, TMUX_CONF } from './tmux-files.ts'
import { noHost, trouble } from './tmux-look.ts'
import { TMUX_PRELUDE } from './tmux-prelude.ts'
import { panesOf } from './tmux-records.ts'

/**
 * "$1" socket · "$2" configuration · "$3" keeper of logs (first line: file name) · "$4" session · "$5" cwd · "$6" size `120 30` · "$7" tags ·
 * "$8" mark · "$9" log `bytes files`, then: count and NAME=value pairs · count and names to take over · argv.
 */
const START_BODY = sh`
# a file bears the hash of its text in its name: there or not, nothing to compare
vc_file() {
[ ! -f "$D/$1" ] || return 1
printf '%s\n' "$2" >"$D/$1.$$" && mv -f "$D/$1.$$" "$D/$1"
}
vc_server() {
# in a unit of its own the server outlives a service that starts it
unit=; [ -n "$INVOCATION_ID" ] && systemd-run --user --scope --quiet --collect true >/dev/null 2>&1 && unit='systemd-run --user --scope --quiet --collect'
set --
for v in $BASE XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS; do eval "x=\$$v"; [ -z "$x" ] || set -- "$@" "$v=$x"; done
# what agents make is theirs and their team's: only the files of this host are its owner's alone
(cd / && umask "$MASK" && env -i "$@" $unit tmux -u -S "$S" -f "$D/$CONF" start-server)
}
# a word that ends in ; would end the command
vc_word() { case $1 in *';') W=\${1%;}'\;' ;; *) W=$1 ;; esac; }
vc_spawn() {
pass="$BASE VC_SESSION"; export "VC_SESSION=$mark"
n=$1; shift
while [ "$n" -gt 0 ]; do export "$1"; pass="$pass \${1%%=*}"; shift; n=$((n - 1)); done
n=$1; shift
while [ "$n" -gt 0 ]; do pass="$pass $1"; shift; n=$((n - 1)); done
if ! (cd "$cwd" && command -v "$1") >/dev/null 2>&1; then vc_say "refused no_program"; return 0; fi
n=$#
while [ "$n" -gt 0 ]; do vc_word "$1"; shift; set -- "$@" "$W"; n=$((n - 1)); done
W=$cwd
case $W in *[#';']*) vc_word "$(printf %s "$cwd" | sed 's/#/##/g')" ;; esac
set -- set-option -g update-environment "$pass" ';' new-session -d -s "$name" -x "\${size% *}" -y "\${size#* }" -c "$W" sh -c 'exec "$0" "$@"' "$@"
set -- "$@" ';' set-option -g update-environment '' ';' set-option -w -t "=$name:" window-size manual
set -- "$@" ';' set-option -p -t "=$name:." @vc_tags "$tags" ';' set-option -p -t "=$name:." @vc_mark "$mark"
log=
if [ "\${keep% *}" -gt 0 ]; then
  log=\${D%/run}/logs; [ -d "$log" ] || mkdir -p "$log"; log=$log/$name.log
  q="'$D/$KEEP' '$log'"
  case $log in *[!A-Za-z0-9_./+=@,-]*) q=$(printf '%s\n%s\n' "$D/$KEEP" "$log" | sed "s/'/'\\\\''/g; s/%/%%/g; s/#/##/g; s/^/'/; s/$/'/" | tr '\n' ' ') ;; esac
  set -- "$@" ';' pipe-pane -t "=$name:." "exec sh $q $keep"
fi
vc_say starting
tm "$@" ';' display-message -p -t "=$name:." "@$N made #{pane_id} #{pane_pid}"
vc_say "log $log"
}
vc_places "$1" || return 0
CONF=\${2%%"$NL"*} KEEP=\${3%%"$NL"*} conf=\${2#*"$NL"} keeper=\${3#*"$NL"} name=$4 cwd=$5 size=$6 tags=$7 mark=$8 keep=$9; shift 9
MASK=$(umask); umask 077
[ -d "$D" ] || { mkdir -p "$D" && chmod 700 "$D"; } 2>/dev/null
if [ ! -d "$D" ] || [ -L "$D" ] || [ ! -O "$D" ]; then vc_say "none $D cannot be made, or belongs to somebody else"; return 0; fi
if ! (cd "$cwd") 2>/dev/null; then vc_say "refused no_cwd"; return 0; fi
# agents draw with more than ASCII
case "\${LC_ALL:-\${LC_CTYPE:-$LANG}}" in
*[Uu][Tt][Ff]*8*) : ;;
*) unset LC_CTYPE; LANG=C.UTF-8; [ "$(uname)" != Darwin ] || LANG=en_US.UTF-8; LC_ALL=$LANG; export LANG LC_ALL ;;
esac
: "\${USER:=$(id -un)}" "\${SHELL:=/bin/sh}"; : "\${LOGNAME:=$USER}"; export HOME USER LOGNAME SHELL PATH
BASE='HOME USER LOGNAME SHELL PATH LANG LC_ALL LC_CTYPE TZ XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_CACHE_HOME TMPDIR'
vc_file "$KEEP" "$keeper"
new=; vc_file "$CONF" "$conf" && new=1
# one question tells: no server, this name is taken, or neither
h=$(tm has-session -t "=$name" 2>&1) && { vc_say "refused name_taken"; return 0; }
case $h in
*"can't find session"*) [ -z "$new" ] || tm source-file "$D/$CONF" ;;
*)
  e=$(vc_server 2>&1)
  if ! tm list-sessions >/dev/null 2>&1; then vc_say "refused no_server"; printf '%s\n' "$h" "$e"; return 0; fi ;;
esac
o=$(vc_spawn "$@" 2>&1)
printf '%s\n' "$o"
case $o in *"@$N made %"*) : ;; *) return 0 ;; esac
m=\${o#*"@$N made "}; m=\${m%%"$NL"*}; p=\${m%% *}; pid=\${m#* }
set -- display-message -p -t "$p" "@$N $F"
if vc_ticks "$pid"; then vc_say "T $pid $K"; set -- set-option -p -t "$p" @vc_began "$K" ';' "$@"; fi
tm "$@"
`

export const START_SCRIPT = `${TMUX_PRELUDE}\n${START_BODY}`

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,80}$/
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/

const bad = (what: string, fix: string): never => {
  throw new VcError('bad_request', what, fix)
}

/** @throws VcError bad_request for what no host could start. */
export const checkSpec = (spec: SessionSpec): void => {
  const { name, cwd, env = {}, passEnv = [], tags = {}, cols = 120, rows = 30 } = spec
  if (!NAME.test(name)) bad(`session name ${JSON.stringify(name)}`, 'use letters, digits, _ and -')
  if (!cwd.startsWith('/')) bad(`cwd ${JSON.stringify(cwd)} is relative`, 'give an absolute path')
  const wrong = [...Object.keys(env), ...passEnv].find((key) => !VARIABLE.test(key))
  if (wrong !== undefined) bad(`environment variable ${JSON.stringify(wrong)}`, 'use letters, digits and _')
  if (Object.keys(tags).some((key) => !/^[a-z_]+$/.test(key))) bad('a tag has an odd name', 'use a-z and _')
  const size = [cols, rows].every((n) => Number.isInteger(n) && n >= 2 && n <= 1000)
  if (!size) bad(`terminal of ${cols} x ${rows}`, 'use 2 to 1000 columns and rows')
  if (spec.argv[0] === '') bad('an empty program name', 'name the program to run')
}

const LOG_BYTES = 1024 * 1024

const named = (name: string, end: string, text: string): string => `${name}-${sha256(text).slice(0, 8)}.${end}\n${text}`

/** Arguments of START_SCRIPT. */
export const startArgs = (spec: SessionSpec, socket: string): readonly string[] => {
  checkSpec(spec)
  const pairs = Object.entries(spec.env ?? {}).map(([key, value]) => `${key}=${value}`)
  const pass = spec.passEnv ?? []
  const log = spec.log === null ? [0, 1] : [spec.log?.maxBytes ?? LOG_BYTES, spec.log?.files ?? 3]
  const size = `${spec.cols ?? 120} ${spec.rows ?? 30}`
  const mark = randomBytes(8).toString('hex')
  const head = [
    socket,
    named('tmux', 'conf', TMUX_CONF),
    named('keep-log', 'sh', KEEP_LOG),
    spec.name,
    spec.cwd,
    size,
    JSON.stringify(spec.tags ?? {}),
    mark,
  ]
  return [...head, log.join(' '), `${pairs.length}`, ...pairs, `${pass.length}`, ...pass, ...spec.argv]
}

const REFUSALS = {
  no_cwd: (spec: SessionSpec) => [
    `there is no folder ${spec.cwd}, or it may not be entered`,
    'make it, or give another one',
  ],
  no_program: (spec: SessionSpec) => [
    `there is no program ${spec.argv[0]} on the PATH`,
    'install it there, or give its path',
  ],
  name_taken: (spec: SessionSpec) => [`a session ${spec.name} is there already`, 'end it, or take another name'],
} as const

/** Why a session is not started, in words. */
export const refusedStart = (machineId: string, word: keyof typeof REFUSALS, spec: SessionSpec): HostTrouble => {
  const [message = '', fix = ''] = REFUSALS[word](spec)
  return trouble(word, `${machineId}: ${message}`, fix)
}

const isRefusal = (word: string): word is keyof typeof REFUSALS => Object.hasOwn(REFUSALS, word)

/** What `start` came to. A pane that was made and is not described is an unknown outcome: `list` tells. */
export const readStart = (machineId: string, spec: SessionSpec, answer: ActAnswer, durationMs: number): Started => {
  const none = noHost(machineId, answer)
  if (none !== null) return none
  const records = answer.is === 'not_reached' ? [] : answer.records
  const refused = records.find(({ tag }) => tag.startsWith('refused '))
  const word = refused?.tag.slice(8) ?? ''
  if (isRefusal(word)) return refusedStart(machineId, word, spec)
  const pane = panesOf(machineId, records)[0]
  const log = records.find(({ tag }) => tag.startsWith('log '))?.tag.slice(4) ?? ''
  if (pane !== undefined) return { is: 'started', pane, logPath: log === '' ? null : log, durationMs }
  if (answer.is === 'broken_off' || records.some(({ tag }) => tag.startsWith('made ')))
    return { is: 'outcome_unknown', detail: answer.is === 'answered' ? 'the new pane was not seen' : answer.detail }
  const said = (refused ?? records.find(({ tag }) => tag === 'starting'))?.lines.join(' ').trim().slice(0, 300) ?? ''
  return trouble('refused_by_host', `${machineId}: tmux said ${JSON.stringify(said)}`, 'is tmux 3.2 or newer there?')
}
