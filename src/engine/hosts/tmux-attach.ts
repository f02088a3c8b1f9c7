import type { AttachOptions, AttachPlan, PaneRef } from '../../core/session-host.ts'
import { sh } from '../../core/sh.ts'
import { shellQuoted } from '../../core/shell-word.ts'
import { TMUX_PRELUDE } from './tmux-prelude.ts'

/** Every byte as octal data: no login shell, whichever it is, gets to read a word of it. */
const octal = (text: string): string =>
  Array.from(Buffer.from(text, 'utf8'), (byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('')

const tmuxArgs = (ref: PaneRef, readOnly: boolean): readonly [string, ...string[]] => {
  // -E: the environment of whoever looks is none of the agent's; read-only clients never resize
  const attach = readOnly ? ['attach-session', '-E', '-r'] : ['attach-session', '-E']
  return ['tmux', '-u', '-S', ref.socket, ...attach, '-t', ref.paneId]
}

const ATTACH_SCRIPT = sh`
command -v infocmp >/dev/null 2>&1 && ! infocmp "$TERM" >/dev/null 2>&1 && { TERM=xterm-256color; export TERM; }
exec "$@"
`

/** What a person's terminal shall exec. `way`: how to get a terminal there (`ssh -t … host`); null on this machine. */
export const attachPlan = (ref: PaneRef, way: readonly string[] | null, options: AttachOptions = {}): AttachPlan => {
  const argv = tmuxArgs(ref, options.readOnly === true)
  const [first, ...rest] = way ?? []
  if (first === undefined) return { argv, unsetEnv: ['TMUX', 'TMUX_PANE'] }
  const script = `${TMUX_PRELUDE}\nset -- ${argv.map(shellQuoted).join(' ')}\n${ATTACH_SCRIPT}`
  return { argv: [first, ...rest, `exec sh -c 'eval "$(printf %b "${octal(script)}")"'`], unsetEnv: [] }
}
