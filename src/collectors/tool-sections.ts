import { randomBytes } from 'node:crypto'
import type { Answer } from '../core/ask.ts'
import type { CollectContext, CollectResult } from '../core/collector.ts'
import { decodeUtf8, displayText } from '../core/text.ts'
import { textCell } from './row-cells.ts'
import { sh } from './sh.ts'

/** What one command of a tool script said. */
export interface Section {
  readonly out: string
  readonly err: string
  /** Exit status; null: cut off before its end. */
  readonly code: number | null
}

export interface ToolText {
  readonly is: 'sections'
  readonly sections: ReadonlyMap<string, Section>
  readonly complete: boolean
}

export type ToolParse = ToolText | { readonly is: 'no_begin' }

// `part NAME SECONDS COMMAND…` runs one command without stdin; its stdout flows, its stderr waits until it is done. A tool
// that had to be killed ends with 137, as one does that the system killed for its memory: only the clock tells them apart.
const PRELUDE = sh`
export LC_ALL=C NO_COLOR=1 CI=1 TERM=dumb
find_tool() {
  tool=$1
  [ -n "$tool" ] || { PATH=$PATH:$HOME/.local/bin:$HOME/.cargo/bin:/usr/local/bin:/opt/homebrew/bin; tool=$(command -v "$2"); }
  [ -n "$tool" ] && [ -x "$tool" ] && { PATH=\${tool%/*}:$PATH; return 0; }
  printf '\036%s missing\n\037%s 127\n' "$N" "$N"
  return 1
}
part_clock() { part_now=; { read -r part_now part_idle </proc/uptime; } 2>/dev/null; part_now=\${part_now%.*}; }
part() {
  n=$1 t=$2; shift 2
  printf '\036%s %s\n' "$N" "$n"
  part_clock; part_from=$part_now
  if command -v timeout >/dev/null 2>&1; then set -- timeout -k 1 "$t" "$@"; fi
  { e=$("$@" 2>&1 >&3 3>&- </dev/null); s=$?; } 3>&1
  if [ "$s" = 137 ]; then
    part_clock
    if [ -z "$part_now" ] || [ "$((part_now - part_from))" -ge "$t" ]; then s=124; fi
  fi
  printf '\037%s %s\n' "$N" "$s"
  printf %s "$e" | head -c 4000
}
begin() { printf 'vc-tool 1 %s\n' "$N"; }
finish() { printf '\036%s end' "$N"; }
`

/** A script of sections under the ask name `what`; `body` calls `begin`, `find_tool`, `part` and `finish`. */
export const toolScript = (what: string, body: string): string =>
  `# vc:ask ${what}\nN=${randomBytes(8).toString('hex')}\n${PRELUDE}vcbody() {\n${body}\n}\nvcbody "$@" </dev/null 2>/dev/null\n`

/** Cuts the answer by its own nonce. Never throws. */
export const parseSections = (stdout: Uint8Array): ToolParse => {
  const text = decodeUtf8(stdout)
  const nonce = /^vc-tool 1 ([0-9a-f]{16})\n/.exec(text)?.[1]
  if (nonce === undefined) return { is: 'no_begin' }
  const parts = text.split(`\u001e${nonce} `).slice(1)
  const complete = parts.at(-1) === 'end'
  const sections = new Map<string, Section>()
  for (const part of complete ? parts.slice(0, -1) : parts) {
    const end = part.indexOf('\n')
    const name = part.slice(0, end)
    const [out = '', closing] = part.slice(end + 1).split(`\u001f${nonce} `)
    const [, code, err = ''] = /^(\d{1,3})\n([\s\S]*)$/.exec(closing ?? '') ?? []
    if (end > 0 && !sections.has(name)) sections.set(name, { out, err, code: code === undefined ? null : Number(code) })
  }
  return { is: 'sections', sections, complete }
}

/** Why there is nothing to read: the way, another program, or no tool; null when there is something. */
export const troubleOf = (answer: Answer, parsed: ToolParse, tool: string): CollectResult | null => {
  if (parsed.is === 'no_begin') {
    if (answer.fault !== null) return { batches: [], fault: answer.fault, detail: answer.detail }
    const words = decodeUtf8(answer.stderr.subarray(0, 200)) || decodeUtf8(answer.stdout.subarray(0, 200))
    return { batches: [], fault: 'bad_output', detail: displayText(words, 200) || `no answer from the ${tool} script` }
  }
  if (parsed.sections.has('missing'))
    return { batches: [], fault: 'tool_missing', detail: `${tool} is not on the PATH there` }
  return null
}

/** Where the probe found the tool, for "$1" of a script; '' before the first probe. */
export const toolPath = (ctx: CollectContext, name: string): string => ctx.machine.tools?.get(name) ?? ''

/** The tool's version as the version lane last read it. */
export const toolVersion = async (ctx: CollectContext, name: string): Promise<string | null> => {
  const rows = await ctx.known('machine_tool_capabilities')
  return textCell(rows.find((row) => row.tool_name === name)?.version)
}

const newer = (version: string, tested: string): boolean => {
  const [a, b] = [version, tested].map((text) => (text.match(/\d+/g) ?? []).slice(0, 3).map(Number))
  const at = [0, 1, 2].find((index) => (a?.[index] ?? 0) !== (b?.[index] ?? 0))
  return at !== undefined && (a?.[at] ?? 0) > (b?.[at] ?? 0)
}

/** Warns when a tool is newer than what its reader was tested with; its words are read all the same. */
export const warnUntested = (ctx: CollectContext, tool: string, version: string | null, tested: string): void => {
  if (version === null || !newer(version, tested)) return
  const shown = displayText(version, 40)
  ctx.warn('untested_version', `${tool} ${shown} is newer than vc knows: tested up to ${tested}`, 'update vc')
}

/** Counts fields nobody reads yet, so that a tool that says more than before is noticed. */
export const warnUnknown = (ctx: CollectContext, tool: string, count: number): void => {
  if (count === 0) return
  const what = count === 1 ? 'one field' : `${count} fields`
  ctx.warn('unknown_fields', `${tool} says ${what} that vc does not know`, 'nothing to do; a newer vc may show more')
}
