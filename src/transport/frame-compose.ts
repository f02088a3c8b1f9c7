import type { ScriptAsk } from '../core/ask.ts'
import { VcError } from '../core/errors.ts'
import type { ShellCall } from '../core/executor.ts'
import { insideQuotes, shellQuoted } from '../core/shell-word.ts'
import { readPositional, setPositional } from './frame-args.ts'
import { ASK_DEFAULTS, askName, FRAME_VERSION, TIMEOUT_TOOLS, type TimeoutTool } from './frame-words.ts'

export interface ComposeOptions {
  /** Fresh hex per exec: what an ask prints cannot forge a marker it cannot guess. */
  readonly nonce: string
  readonly remoteTimeout: TimeoutTool | 'auto'
  /** Asks not begun by then are reported late; always below the executor's own deadline. */
  readonly deadlineMs: number
}

// A group of its own for the ask, TERM at the deadline, KILL a second later; 124 says that it was the deadline.
const PERL = [
  '$t=shift;defined($p=fork)or exit 126;if(!$p){setpgrp(0,0);exec @ARGV;exit 127}',
  '$d=0;$SIG{ALRM}=sub{kill(($d++?9:15),-$p);alarm 1};alarm $t;waitpid($p,0);$s=$?;',
  'exit 124 if $d;exit(($s&127)?128+($s&127):$s>>8)',
].join('')

// bash reads a script from a pipe byte by byte; taking the rest in one gulp halves the cost of a frame there.
const GULP = `[ -n "\${BASH_VERSION-}" ] && eval "$(cat)"`

// /proc/uptime gives hundredths of a second without a fork; elsewhere $SECONDS where the shell has it.
// The text of an ask travels in the environment, not in argv: neither ps nor an audit log gets to see it.
const CLOCK = `vc_clock() {
case $vc_k in
p) read -r vc_c vc_u </proc/uptime ;;
s) vc_c=$SECONDS ;;
*) vc_c=- ;;
esac
}`

const DOG = 'sleep "$1"; kill "-$2"; sleep 1; kill -9 "-$2"'

const ALONE = `vc_alone() {
VC_ASK=$vc_s setsid sh -c "$vc_stub" vc "$@" &
vc_p=$!
setsid sh -c "$vc_dog" vc "$vc_t" "$vc_p" >/dev/null 2>&1 &
vc_q=$!
{ wait "$vc_p"; } 2>/dev/null
vc_x=$?
if [ "$vc_x" -gt 128 ]; then kill -9 "-$vc_p"; fi 2>/dev/null
{ kill -9 "-$vc_q" "$vc_q"; wait "$vc_q"; } 2>/dev/null
return "$vc_x"
}`

/**
 * One ask between its markers; `run` is the command that ends it at its time. What is gathered passes through a variable:
 * shells drop NUL bytes there, and line breaks at its end but for the letter behind them.
 */
const askFunction = (run: string): string => `vc_run() {
${run}
}
vc_gather() {
vc_g=1
vc_ask "$@"
vc_g=
}
vc_g=
vc_ask() {
vc_i=$1 vc_t=$2 vc_s=$3
shift 3
vc_clock
if [ "$vc_c" != - ]; then
vc_r=$((vc_end - \${vc_c%.*}))
if [ "$vc_r" -le 0 ]; then printf '\\036%s late %s\\n' "$vc_n" "$vc_i"; return; fi
if [ "$vc_t" -gt "$vc_r" ]; then vc_t=$vc_r; fi
fi
printf '\\036%s ask %s %s %s\\n' "$vc_n" "$vc_i" "$vc_c" "$vc_t"
printf '\\036%s ask %s\\n' "$vc_n" "$vc_i" >&2
vc_b=x
if [ -z "$vc_g" ]; then
vc_run "$@"
else
vc_b=$(vc_run "$@"; vc_x=$?; printf x; exit "$vc_x")
fi
vc_x=$?
vc_clock
printf '%s\\036%s end %s %s %s\\n' "\${vc_b%x}" "$vc_n" "$vc_i" "$vc_x" "$vc_c"
}`

// What ends an ask at its time, each with what it needs before it.
const ENDERS: Readonly<Record<TimeoutTool, { readonly run: string; readonly needs: readonly string[] }>> = {
  timeout: { run: 'VC_ASK=$vc_s $vc_w -k 1 "$vc_t" sh -c "$vc_stub" vc "$@"', needs: [] },
  gtimeout: { run: 'VC_ASK=$vc_s $vc_w -k 1 "$vc_t" sh -c "$vc_stub" vc "$@"', needs: [] },
  perl: {
    run: 'VC_ASK=$vc_s perl -e "$vc_perl" "$vc_t" sh -c "$vc_stub" vc "$@"',
    needs: [`vc_perl=${shellQuoted(PERL)}`],
  },
  setsid: { run: 'vc_alone "$@"', needs: [ALONE, `vc_dog=${shellQuoted(DOG)}`] },
  plain: { run: 'VC_ASK=$vc_s timeout -k 1 "$vc_t" sh -c "$vc_stub" vc "$@"', needs: [] },
  none: { run: 'VC_ASK=$vc_s sh -c "$vc_stub" vc "$@"', needs: [] },
}

// Which one is known after the first frame; each later one carries no other, for what travels is encrypted byte by byte.
const enderOf = (tool: TimeoutTool | 'auto'): { readonly run: string; readonly needs: readonly string[] } =>
  tool === 'auto'
    ? {
        run: ['case $vc_w in', ...TIMEOUT_TOOLS.map((one) => `${one}) ${ENDERS[one].run} ;;`), 'esac'].join('\n'),
        needs: TIMEOUT_TOOLS.flatMap((one) => ENDERS[one].needs),
      }
    : ENDERS[tool]

// Of the first choice is what ends a whole group. That of busybox ends one process and leaves its children running, so
// there a group of the shell's own making and a watchdog are better; that of FreeBSD ends all children without a group.
const DETECT = `for vc_w in timeout gtimeout perl setsid plain none; do
case $vc_w in
none) : ;;
perl) perl -e 1 ;;
setsid) setsid sh -c : ;;
plain) timeout -k 1 2 sh -c : ;;
*) $vc_w -k 1 2 sh -c '[ "$PPID" != "$0" ] && kill -0 "-$PPID"' $$ ;;
esac >/dev/null 2>&1 && break
done`

// A tool that ignores TERM outlives a shell that does not, and whoever ends the ask then sees its own work done. In a
// group of its own the shell therefore takes everybody along.
const LAST_WORD = `case $vc_w in
none | plain) ;;
*) vc_stub="trap 'kill -9 0' TERM; $vc_stub" ;;
esac`

const START = `vc_ifs=$IFS
vc_k=-
if [ -r /proc/uptime ]; then vc_k=p; elif [ -n "\${SECONDS-}" ]; then vc_k=s; fi
vc_clock
vc_end=0
if [ "$vc_c" != - ]; then vc_end=$((\${vc_c%.*} + vc_d)); fi
printf '\\036%s begin ${FRAME_VERSION} %s\\n' "$vc_n" "$vc_w"`

const STUB = 'vc_s=$VC_ASK; unset VC_ASK; eval "$vc_s"'

const ASK_LINE = /^vc_(?:ask|gather) (\d+) (\d+) '([\s\S]*)' "\$@"$/

// Linux refuses any one string of argv or environment from 128 KiB, macOS all of them together from 1 MiB.
const MAX_STRING_BYTES = 120_000
const MAX_ARGS_BYTES = 500_000

interface Body {
  readonly bytes: number
  readonly quoted: string
  /** Name of the shell variable that holds it in a kept shell, and the line that sets it. */
  readonly name: string
  readonly definition: string
}

const bodies = new Map<string, Body>()

const newBody = (text: string): Body => {
  const name = `vc_body${bodies.size}`
  const quoted = shellQuoted(text)
  const body: Body = { bytes: Buffer.byteLength(text), quoted, name, definition: `${name}=${quoted}` }
  bodies.set(text, body)
  return body
}

const bodyOf = ({ body }: ScriptAsk): Body | null => (body === undefined ? null : (bodies.get(body) ?? newBody(body)))

/** @throws VcError bad_ask for what no machine could run: NUL bytes, a script or arguments too large to be handed over. */
export function checkAsk(ask: ScriptAsk): void {
  const { script, args = [] } = ask
  const refuse = (what: string): never => {
    throw new VcError('bad_ask', `${askName(script) ?? 'an ask'}: ${what}`, 'ask for less at a time')
  }
  if ([script, ...args].some((text) => text.includes('\0'))) refuse('script or arguments hold a NUL byte')
  const sizes = args.map((arg) => Buffer.byteLength(arg))
  const scriptBytes = Buffer.byteLength(script) + (bodyOf(ask)?.bytes ?? 0)
  if (Math.max(scriptBytes, ...sizes) > MAX_STRING_BYTES) refuse(`more than ${MAX_STRING_BYTES} bytes`)
  if (sizes.reduce((sum, size) => sum + size, 0) > MAX_ARGS_BYTES) refuse(`arguments of ${MAX_ARGS_BYTES} bytes`)
}

/** The script as one word. */
const wholeWord = (ask: ScriptAsk): string => `'${insideQuotes(ask.script)}${bodyOf(ask)?.quoted.slice(1) ?? "'"}`

// Asks are parted by a line that no quoted script can hold: it carries the nonce.
const parting = (nonce: string): string => `: ${nonce}\n`

const preludeOf = (tool: TimeoutTool | 'auto'): string => {
  const { run, needs } = enderOf(tool)
  return [CLOCK, ...needs, askFunction(run)].join('\n')
}

// One function called on the last line, so a script cut on its way runs nothing.
const frameOf = (
  asks: readonly ScriptAsk[],
  { nonce, remoteTimeout, deadlineMs }: ComposeOptions,
  wordOf: (ask: ScriptAsk) => string,
): string => {
  const head = [
    `vc_n=${nonce}`,
    `vc_d=${Math.max(1, Math.ceil(deadlineMs / 1000))}`,
    `vc_stub=${shellQuoted(STUB)}`,
    remoteTimeout === 'auto' ? DETECT : `vc_w=${remoteTimeout}`,
    LAST_WORD,
    START,
  ].join('\n')
  const text = (ask: ScriptAsk, index: number): string => {
    checkAsk(ask)
    const seconds = Math.max(1, Math.ceil((ask.timeoutMs ?? ASK_DEFAULTS.timeoutMs) / 1000))
    const lines = `${setPositional(ask.args ?? [])}\n${ask.gathered ? 'vc_gather' : 'vc_ask'} ${index} ${seconds} ${wordOf(ask)} "$@"\n`
    return parting(nonce) + lines
  }
  const tail = `printf '\\036%s done\\n' "$vc_n"; printf '\\036%s done\\n' "$vc_n" >&2`
  return `vc_frame() {\n${head}\n${asks.map(text).join('')}${parting(nonce)}${tail}\n}\nvc_frame </dev/null\n`
}

/**
 * All asks as one script for `sh -s`: dash, bash, mksh and busybox ash run it, nothing is written on the machine.
 * Each ask runs in a shell of its own, without stdin, under its own deadline; cost 2 forks an ask (3 with arguments).
 * @throws VcError bad_ask as `checkAsk` does.
 */
export const composeFrame = (asks: readonly ScriptAsk[], options: ComposeOptions): string =>
  `${GULP}\n${preludeOf(options.remoteTimeout)}\n${frameOf(asks, options, wholeWord)}`

const preludes = new Map<TimeoutTool, string>()

/**
 * The same for a shell that is kept: it is told once what asks are done with, and each body.
 * @throws VcError bad_ask as `checkAsk` does.
 */
export const composeCall = (
  asks: readonly ScriptAsk[],
  options: ComposeOptions & { readonly remoteTimeout: TimeoutTool },
): ShellCall => {
  const tool = options.remoteTimeout
  const prelude = preludes.get(tool) ?? preludeOf(tool)
  preludes.set(tool, prelude)
  const definitions = new Map([['prelude', prelude]])
  const text = frameOf(asks, options, (ask) => {
    const body = bodyOf(ask)
    if (body !== null) definitions.set(body.name, body.definition)
    return shellQuoted(ask.script) + (body === null ? '' : `"$${body.name}"`)
  })
  const mark = `\x1e${options.nonce}`
  return { definitions, text, begins: `${mark} begin `, ends: `${mark} done\n` }
}

export interface ReadFrame {
  readonly nonce: string
  readonly asks: readonly { readonly script: string; readonly args: readonly string[]; readonly timeoutMs: number }[]
}

/** The asks inside a composed frame, for machines that are recordings; null when the script is not a frame. */
export function readFrame(script: string): ReadFrame | null {
  const nonce = /\nvc_n=([0-9a-f]+)\n/.exec(script)?.[1]
  if (!script.startsWith(GULP) || nonce === undefined) return null
  const asks = script.split(parting(nonce)).slice(1, -1).map(readAsk)
  return asks.includes(null) ? null : { nonce, asks: asks.filter((ask) => ask !== null) }
}

function readAsk(text: string): ReadFrame['asks'][number] | null {
  const at = text.search(/\nvc_(?:ask|gather) /)
  const line = ASK_LINE.exec(text.slice(at + 1, -1))
  if (!line) return null
  const script = (line[3] ?? '').replaceAll(`'\\''`, "'")
  return { script, args: readPositional(text.slice(0, at)), timeoutMs: Number(line[2]) * 1000 }
}
