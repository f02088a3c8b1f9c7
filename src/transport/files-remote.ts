import { gunzipSync } from 'node:zlib'
import type { Answer, FileKind, FileStat, RangeAnswer, RangeRequest, ScriptAsk } from '../core/ask.ts'
import { messageOf } from '../core/errors.ts'
import { AskError } from './ask-error.ts'
import { demandAbsolute } from './paths.ts'

type Run = (ask: ScriptAsk) => Promise<Answer>

// A path that shows nothing is missing only if the nearest folder that does show may be searched; else we cannot know.
const ABSENT_OR_DENIED = `absent() {
d=$1
while :; do
case $d in /|"") d=/ ;; */*) d=\${d%/*}; d=\${d:-/} ;; esac
if [ -d "$d" ]; then if [ -x "$d" ]; then w=missing; else w=denied; fi; return; fi
if [ -e "$d" ] || [ -L "$d" ]; then w=missing; return; fi
done
}`

// One stat for all that exist, in order. GNU and busybox take -c, BSD -f; a vanished file makes the counts differ, then
// each is asked by itself.
const STAT = `# vc:ask vc.stat
${ABSENT_OR_DENIED}
export TZ=UTC0 LC_ALL=C
one() {
stat -c 'g %i %s %Y %f %y' -- "$@" 2>/dev/null && return
case $(stat -c %i / 2>/dev/null) in
[0-9]*) return 1 ;;
esac
stat -f 'b %i %z %Fm %Xp' -- "$@" 2>/dev/null
}
n=$#
for p; do
if [ -e "$p" ] || [ -L "$p" ]; then set -- "$@" "$p"; w=there; else absent "$p"; fi
echo "$w"
done
shift "$n"
[ $# -eq 0 ] && exit 0
echo all
if o=$(one "$@"); then printf '%s\\n' "$o"; exit 0; fi
echo each
for p; do one "$p" || echo gone; done
`

const PATHS_PER_ASK = 400
const BYTES_PER_PATH = 200

/**
 * Facts of each path itself, in the order asked.
 * @throws AskError when the machine could not be asked: that is neither absence nor denial.
 */
export async function statThere(run: Run, paths: readonly string[]): Promise<readonly FileStat[]> {
  for (const path of paths) demandAbsolute(path)
  const parts = Array.from({ length: Math.ceil(paths.length / PATHS_PER_ASK) }, (_, i) =>
    paths.slice(i * PATHS_PER_ASK, (i + 1) * PATHS_PER_ASK),
  )
  const stats = await Promise.all(parts.map((part) => statPart(run, part)))
  return stats.flat()
}

async function statPart(run: Run, paths: readonly string[]): Promise<readonly FileStat[]> {
  const answer = await run({ script: STAT, args: paths, maxBytes: 4096 + paths.length * BYTES_PER_PATH })
  if (answer.fault !== null) throw new AskError(answer.fault, answer.detail, 'stat of files')
  const stats = parseStats(paths, Buffer.from(answer.stdout).toString('latin1'))
  if (stats === null) throw new AskError('bad_output', 'stat there speaks neither GNU nor BSD', 'stat of files')
  return stats
}

/** Text of the stat script to facts; null when it is not what the script prints. */
export function parseStats(paths: readonly string[], text: string): readonly FileStat[] | null {
  const lines = text.split('\n')
  const words = lines.slice(0, paths.length)
  if (!words.every((word) => word === 'there' || word === 'missing' || word === 'denied')) return null
  const facts = lines.slice(lines.lastIndexOf('each') + 1 || paths.length + 1).filter((line) => line !== '')
  if (facts.length !== words.filter((word) => word === 'there').length) return null
  const rest = facts.values()
  const stats = paths.map((path, i) => {
    const word = words[i]
    return word === 'missing' || word === 'denied' ? { path, is: word } : factOf(path, rest.next().value ?? '')
  })
  return stats.includes(null) ? null : stats.filter((stat) => stat !== null)
}

const GNU = /^g (\d+) (\d+) (\d+) ([0-9a-f]+) \S+ \d\d:\d\d:\d\d(?:\.(\d+))?/
const BSD = /^b (\d+) (\d+) (\d+)(?:\.(\d+))? ([0-9a-fA-F]+)$/

function factOf(path: string, line: string): FileStat | null {
  if (line === 'gone') return { path, is: 'missing' }
  const gnu = GNU.exec(line)
  const bsd = BSD.exec(line)
  const [inode, size, seconds] = (gnu ?? bsd ?? []).slice(1)
  if (inode === undefined || size === undefined || seconds === undefined) return null
  const mode = Number.parseInt((gnu ? gnu[4] : bsd?.[5]) ?? '0', 16)
  const fraction = ((gnu ? gnu[5] : bsd?.[4]) ?? '').padEnd(3, '0').slice(0, 3)
  return { path, is: kindOf(mode), inode, size: Number(size), mtimeMs: Number(seconds) * 1000 + Number(fraction) }
}

const KINDS: ReadonlyMap<number, FileKind> = new Map([
  [0o100000, 'file'],
  [0o040000, 'dir'],
  [0o120000, 'link'],
])
const kindOf = (mode: number): FileKind => KINDS.get(mode & 0o170000) ?? 'other'

// The file is opened once; inode, size and bytes are of that open file, whatever takes its name meanwhile. Much is
// compressed on the way. $1 path $2 offset $3 most bytes $4 inode or empty.
const RANGE = `# vc:ask vc.range
${ABSENT_OR_DENIED}
if [ -L "$1" ]; then echo link; exit 0; fi
if [ ! -e "$1" ]; then absent "$1"; echo "$w"; exit 0; fi
if [ ! -f "$1" ]; then echo irregular; exit 0; fi
if [ ! -r "$1" ]; then echo denied; exit 0; fi
exec 3<"$1" || exit 1
s=$(stat -L -c '%i %s' /dev/fd/3 2>/dev/null) || s=$(stat -f '%i %z' <&3) || exit 1
i=\${s% *} z=\${s#* }
if [ -n "$4" ] && [ "$4" != "$i" ]; then echo changed; exit 0; fi
n=$((z - $2))
if [ "$n" -gt "$3" ]; then n=$3; fi
if [ "$n" -le 0 ]; then echo "raw $s"; exit 0; fi
if [ "$n" -ge 16384 ] && command -v gzip >/dev/null; then
echo "gzip $s"
tail -c +$(($2 + 1)) <&3 | head -c "$n" | gzip -1c
else
echo "raw $s"
tail -c +$(($2 + 1)) <&3 | head -c "$n"
fi
`

const HEADER_BYTES = 4096
const RANGE_TIMEOUT_MS = 10_000

/** Up to `maxBytes` of a regular file there; same answers as for a file here. */
export async function readRangeThere(run: Run, request: RangeRequest): Promise<RangeAnswer> {
  const { path, offset, maxBytes, inode } = request
  demandAbsolute(path)
  const answer = await run({
    script: RANGE,
    args: [path, String(offset), String(maxBytes), inode ?? ''],
    maxBytes: maxBytes + HEADER_BYTES,
    timeoutMs: RANGE_TIMEOUT_MS,
  })
  if (answer.fault !== null) return { is: 'fault', fault: answer.fault, detail: answer.detail }
  return parseRange(answer, maxBytes)
}

const refused = (detail: string): RangeAnswer => ({ is: 'fault', fault: 'bad_output', detail })

/** Output of the range script to an answer; never throws. */
export function parseRange(answer: Pick<Answer, 'stdout' | 'stderr'>, maxBytes: number): RangeAnswer {
  const stdout = Buffer.from(answer.stdout)
  const lineEnd = stdout.indexOf(10)
  const line = lineEnd === -1 || lineEnd > 100 ? '' : stdout.toString('latin1', 0, lineEnd)
  if (line === 'missing' || line === 'denied' || line === 'changed') return { is: line }
  if (line === 'link') return refused('a link, not a regular file')
  if (line === 'irregular') return refused('not a regular file')
  const [, form, inode, size] = /^(raw|gzip) (\d+) (\d+)$/.exec(line) ?? []
  if (inode === undefined) return refused(Buffer.from(answer.stderr).toString('utf8', 0, 200) || 'no header')
  const body = stdout.subarray(lineEnd + 1)
  try {
    const bytes = form === 'gzip' ? gunzipSync(body, { maxOutputLength: Math.max(1, maxBytes) }) : body
    return { is: 'bytes', bytes, inode, size: Number(size) }
  } catch (error) {
    return refused(messageOf(error))
  }
}
