import type { Captured, CaptureOptions, HostTrouble, Listed, PaneRef } from '../../core/session-host.ts'
import { sh } from '../../core/sh.ts'
import type { ActAnswer, ActRecord } from './machine-act.ts'
import { TMUX_PRELUDE } from './tmux-prelude.ts'
import { differs, panesOf, screensOf } from './tmux-records.ts'

/** "$1" socket or '' */
const LIST_BODY = sh`
vc_places "$1" && vc_list
`

/** "$1" socket · "$2" first line (-S) · "$3" options of capture-pane · the rest: pane ids */
const CAPTURE_BODY = sh`
vc_places "$1" || return 0
from=$2 how=$3; shift 3
want=" $* "
vc_list || return 0
set --
for p in $LIVE; do
  p=\${p%/*}
  case $want in *" $p "*) set -- "$@" display-message -p -t "$p" "@$N $F" ';' display-message -p "@$N S" ';' capture-pane -p $how -S "$from" -t "$p" ';' ;; esac
done
[ $# -gt 0 ] || return 0
tm "$@" 2>/dev/null
vc_say "captured $?"
`

export const LIST_SCRIPT = `${TMUX_PRELUDE}\n${LIST_BODY}`
export const CAPTURE_SCRIPT = `${TMUX_PRELUDE}\n${CAPTURE_BODY}`

export const trouble = (code: HostTrouble['code'], message: string, fix: string): HostTrouble => ({
  is: 'trouble',
  code,
  message,
  fix,
})

/** What every act may answer instead of its own records: no way there, no tmux there. */
export const noHost = (machineId: string, answer: ActAnswer): HostTrouble | null => {
  if (answer.is === 'not_reached')
    return trouble('way', `${machineId} was not reached: ${answer.detail}`, `vc machines probe ${machineId}`)
  const none = answer.records.find(({ tag }) => tag.startsWith('none '))
  if (none === undefined) return null
  return trouble('no_host', `${machineId}: ${none.tag.slice(5)}`, `install tmux 3.2 or newer on ${machineId}`)
}

// These mean that no session is there, which is no trouble.
const NO_SESSIONS =
  /no server running|error connecting .*No such file|error connecting .*Connection refused|no current target|no sessions/

const unreadable = (machineId: string, records: readonly ActRecord[]): HostTrouble | null => {
  const listed = records.find(({ tag }) => tag.startsWith('listed '))
  const [, code, epoch] = /^listed (\d{1,3}) (\d{1,12})$/.exec(listed?.tag ?? '') ?? []
  const said = listed?.lines.join(' ').trim().slice(0, 300) ?? ''
  if (code === undefined || epoch === undefined)
    return trouble('bad_answer', `${machineId}: tmux gave no list of panes`, 'look with: tmux list-panes -a')
  if (code === '0' || NO_SESSIONS.test(said)) return null
  return trouble('refused_by_host', `${machineId}: tmux said ${JSON.stringify(said)}`, 'restart that tmux server')
}

const lookFault = (machineId: string, answer: ActAnswer): HostTrouble | null => {
  const none = noHost(machineId, answer)
  if (none !== null) return none
  if (answer.is === 'broken_off')
    return trouble('way', `${machineId} broke off: ${answer.detail}`, `vc machines probe ${machineId}`)
  return answer.is === 'answered' ? unreadable(machineId, answer.records) : null
}

/** All panes of one server. */
export const readList = (machineId: string, answer: ActAnswer): Listed => {
  const fault = lookFault(machineId, answer)
  if (fault !== null) return fault
  const records = answer.is === 'not_reached' ? [] : answer.records
  const epochS = Number(records.find(({ tag }) => tag.startsWith('listed '))?.tag.split(' ')[2] ?? 0)
  return { is: 'listed', epochS, panes: panesOf(machineId, records) }
}

/** Screens in the order of the refs; a pane that is not there, or is another one, is `gone`. */
export const readCaptures = (machineId: string, refs: readonly PaneRef[], answer: ActAnswer): readonly Captured[] => {
  const fault = lookFault(machineId, answer)
  if (fault !== null) return refs.map(() => fault)
  const screens = screensOf(machineId, answer.is === 'not_reached' ? [] : answer.records)
  return refs.map((ref) => {
    const screen = screens.get(ref.paneId)
    if (screen?.is !== 'screen') return { is: 'gone', ref, detail: `${ref.paneId} is not there` }
    const other = differs(ref, screen.pane.ref)
    return other === null ? screen : { is: 'gone', ref, detail: other }
  })
}

/** Options of capture-pane as two words for the script. */
export const captureWords = ({ historyLines = 0, ansi = false, join = true }: CaptureOptions): readonly string[] => [
  historyLines > 0 ? `-${Math.floor(historyLines)}` : '0',
  [ansi ? '-e' : '', join ? '-J' : ''].filter(Boolean).join(' '),
]
