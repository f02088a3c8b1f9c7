import { gunzipSync, constants as zlib } from 'node:zlib'
import { shellQuoted } from '../../core/shell-word.ts'
import { decodeUtf8 } from '../../core/text.ts'
import { sh } from '../sh.ts'
import type { FileTask } from './plan.ts'
import type { TranscriptSource } from './source.ts'

/**
 * Shortens one JSON line: the text of messages, tools and instructions goes, numbers, ids and short words stay.
 * Works on strings alone (split at quotes, escapes respected), so that the line stays the JSON it was.
 */
const CUT = sh`
function keep(key, s) {
  if (s ~ /^\[Request interrupted by user/) return "[Request interrupted by user]"
  if (s ~ /^Request cancelled/) return "Request cancelled."
  if (key ~ HIDDEN || (KEPT != "" && key !~ KEPT)) {
    if (match(s, /^<[a-z-]+>/)) return substr(s, 1, RLENGTH)
    if (apierror && match(tolower(s), LIMIT)) return substr(s, RSTART, RLENGTH)
    return ""
  }
  return length(s) > 1024 ? "" : s
}
function cut(l,   n, a, i, s, key, out, long) {
  # Words of the CLI itself, not of a person or a model: what went wrong.
  apierror = index(l, "\"isApiErrorMessage\":true") || l ~ /^[{]"id":"[^"]*","timestamp":"[^"]*","type":"error"/
  n = split(l, a, "\"")
  out = a[1]; key = ""
  for (i = 2; i <= n; i++) {
    s = a[i]; long = 0
    while (i < n && match(a[i], /\\+$/) && RLENGTH % 2 == 1) { i++; if (length(s) > 1024) long = 1; else s = s "\"" a[i] }
    if (i >= n) return l
    i++
    if (a[i] ~ /^[ \t]*:/) { key = s; out = out "\"" s "\"" a[i] }
    else out = out "\"" (long ? "" : keep(key, s)) "\"" a[i]
  }
  return out
}
`

const AWK = sh`
BEGIN { LIMIT = "exhausted your (daily )?quota|quota exceeded|resource_exhausted|usage limit|hit your [a-z0-9 -]*limit|limit reached|\\\\\"code\\\\\": *429"; KEPT = "KEYS"; HIDDEN = "^(text|thinking|content|input|command|arguments|message|output|stdout|stderr|signature|last_agent_message|data|description|prompt|lastPrompt|summary|instructions|developer_instructions|user_instructions|aiTitle|title|old_string|new_string|file_path|patch|url)$" }
function handle(l) {
  bytes += length(l) + 1
  if (MATTERS) print "L " cut(l)
  if (ring && (TAILED)) { held[count % ring] = l; count++ }
}
{ if (NR > 1) handle(prev); prev = $0 }
END {
  if (ring) for (i = (count > ring ? count - ring : 0); i < count; i++) print "T " cut(held[i % ring])
  printf "E %d %.0f\n", idx, start + bytes
}
`

// $1 budget of raw bytes, $2 cap per file, then per file: path, offset, inode, checksum of what was read, up to where, ring size.
const TAIL = sh`
budget=$1; cap=$2; shift 2
if stat -c %i / >/dev/null 2>&1; then st='stat -c'; fmt='%i %s %Y'; else st='stat -f'; fmt='%i %z %m'; fi
body() {
  i=0
  while [ $# -ge 6 ]; do
    p=$1; off=$2; ino=$3; sum=$4; at=$5; ring=$6; shift 6
    one
    i=$((i + 1))
  done
  printf 'Z\n'
}
one() {
  d=$(cd -P -- "\${p%/*}" 2>/dev/null && pwd) || { printf 'F %s missing\n' $i; return 0; }
  [ "$d/\${p##*/}" = "$p" ] && [ ! -L "$p" ] && [ -f "$p" ] || { printf 'F %s missing\n' $i; return 0; }
  [ -r "$p" ] || { printf 'F %s denied\n' $i; return 0; }
  [ "$budget" -gt 0 ] || { printf 'F %s later\n' $i; return 0; }
  set -- $($st "$fmt" "$p")
  [ $# = 3 ] || { printf 'F %s missing\n' $i; return 0; }
  case $p in
    *.zst)
      command -v zstd >/dev/null 2>&1 || { printf 'F %s nozstd\n' $i; return 0; }
      printf 'F %s ok %s %s %s 0\n' $i "$1" "$2" "$3"
      budget=$((budget - $2 * 8))
      { zstd -dcq "$p"; printf 'X\n'; } | tr '\000' ' ' | LC_ALL=C awk -v idx=$i -v start=0 -v ring=0 "$prog"
      return 0 ;;
    WHOLE)
      utf16 "$@" && return 0
      [ "$2" -le "$cap" ] || { printf 'F %s large %s %s %s 0\n' $i "$1" "$2" "$3"; return 0; }
      printf 'F %s ok %s %s %s 0\n' $i "$1" "$2" "$3"
      budget=$((budget - $2))
      { tr '\000\n\r' '   ' <"$p"; printf '\nX\n'; } | LC_ALL=C awk -v idx=$i -v start=0 -v ring=0 "$prog"
      printf 'S 0 0 %s\n' "$2"
      return 0 ;;
  esac
  start=$off
  if [ "$1" != "$ino" ] || [ "$2" -lt "$at" ] || [ "$(ends "$at")" != "$sum" ]; then start=0; fi
  [ "$start" = 0 ] && utf16 "$@" && return 0
  want=$(($2 - start)); [ $want -gt $cap ] && want=$cap; [ $want -gt $budget ] && want=$budget
  [ $((start + want)) -lt "$2" ] && ring=0
  budget=$((budget - want))
  printf 'F %s ok %s %s %s %s\n' $i "$1" "$2" "$3" $start
  { tail -c "+$((start + 1))" "$p" | head -c $want; printf 'X\n'; } | tr '\000' ' ' |
    LC_ALL=C awk -v idx=$i -v start=$start -v ring=$ring "$prog"
  at=$((start + want))
  printf 'S %s %s %s\n' "$(ends $at)" $at $want
}
utf16() {
  case $(head -c 2 "$p" | od -An -tx1) in
    *ff*fe*|*fe*ff*) printf 'F %s utf16 %s %s %s 0\n' $i "$1" "$2" "$3" ;;
    *) return 1 ;;
  esac
}
ends() { # of what was read, its first bytes and its last
  eb=$1; [ "$eb" -gt 256 ] && eb=256
  set -- $({ head -c $eb "$p"; tail -c "+$(($1 - eb + 1))" "$p" | head -c $eb; } | cksum); printf '%s' "$1"
}
if command -v gzip >/dev/null 2>&1; then printf 'VCT gzip\n'; body "$@" | gzip -1 -c; else printf 'VCT plain\n'; body "$@"; fi
`

// A `case` pattern that no path matches.
const NO_NAME = "''"

/** The tail script of a source; only constants of the source enter its text. */
export const remoteTailScript = (source: TranscriptSource): string => {
  const tailed = source.tailNeedles.map((needle) => `index(l, ${JSON.stringify(needle)})`).join(' || ') || '0'
  const kept = source.remote.keeps === undefined ? '' : `^(${source.remote.keeps.join('|')})$`
  const awk = `${CUT}${AWK.replace('MATTERS', source.remote.matters.replaceAll('$0', 'l')).replace('TAILED', tailed).replace('KEYS', kept)}`
  const whole = source.remote.whole ?? NO_NAME
  return `# vc:ask ${source.name}.tail\nprog=${shellQuoted(awk)}\n${TAIL.replace('WHOLE', whole)}`
}

/** Arguments of the tail script for some tasks. */
export const remoteTailArgs = (
  tasks: readonly FileTask[],
  limits: { readonly budgetBytes: number; readonly fileBytes: number; readonly evidenceSinceMs: number },
): readonly string[] => [
  String(limits.budgetBytes),
  String(limits.fileBytes),
  ...tasks.flatMap(({ entry, cursor }) => [
    entry.path,
    String(cursor?.offset ?? 0),
    cursor?.inode ?? entry.inode,
    cursor?.head ?? '',
    String(cursor?.readTo ?? 0),
    entry.mtimeMs >= limits.evidenceSinceMs ? '24' : '0',
  ]),
]

/** What one file of the tail answer says. `lines` are whole lines for the parser, `tail` the newest records. */
export interface RemoteFile {
  readonly index: number
  readonly is: 'ok' | 'missing' | 'denied' | 'later' | 'nozstd' | 'large' | 'utf16'
  readonly inode: string
  readonly size: number
  readonly mtimeMs: number
  readonly start: number
  /** Byte after the last LF the machine handed out; null when the answer was cut before it. */
  readonly end: number | null
  /** Checksum of the first and last bytes of what was read, and up to where that is. */
  readonly ends: string
  readonly readTo: number
  /** Raw bytes the machine read for this file. */
  readonly want: number
  readonly lines: Buffer
  readonly tail: readonly string[]
}

export interface RemoteTail {
  readonly files: readonly RemoteFile[]
  /** False when the answer ended before its own end mark. */
  readonly whole: boolean
}

const unpacked = (stdout: Uint8Array): Buffer | null => {
  const bytes = Buffer.from(stdout.buffer, stdout.byteOffset, stdout.byteLength)
  const lf = bytes.indexOf(10)
  const first = lf < 0 ? '' : bytes.toString('latin1', 0, lf)
  if (first === 'VCT plain') return bytes.subarray(lf + 1)
  if (first !== 'VCT gzip') return null
  try {
    // A cut answer still gives its whole files; the unpacked size is bounded against hostile machines.
    return gunzipSync(bytes.subarray(lf + 1), { finishFlush: zlib.Z_SYNC_FLUSH, maxOutputLength: 256 * 1024 * 1024 })
  } catch {
    return null
  }
}

type Open = { -readonly [Key in keyof RemoteFile]: RemoteFile[Key] } & {
  parts: Buffer[]
  newest: string[]
}

const opened = (words: readonly string[]): Open => ({
  index: Number(words[1]),
  is:
    (['ok', 'missing', 'denied', 'later', 'nozstd', 'large', 'utf16'] as const).find((word) => word === words[2]) ??
    'denied',
  inode: words[3] ?? '',
  size: Number(words[4] ?? 0),
  mtimeMs: Number(words[5] ?? 0) * 1000,
  start: Number(words[6] ?? 0),
  end: null,
  ends: '',
  readTo: 0,
  want: 0,
  lines: Buffer.alloc(0),
  tail: [],
  parts: [],
  newest: [],
})

/** The tail script's answer; null when it is none. Files after a cut have `end: null` and are asked for again. */
export const parseRemoteTail = (stdout: Uint8Array): RemoteTail | null => {
  const bytes = unpacked(stdout)
  if (bytes === null) return null
  const files: Open[] = []
  let whole = false
  let start = 0
  for (let lf = bytes.indexOf(10); lf >= 0; lf = bytes.indexOf(10, start)) {
    const mark = bytes[start]
    const file = files.at(-1)
    if (mark === 76) file?.parts.push(bytes.subarray(start + 2, lf + 1))
    else if (mark === 84) file?.newest.push(decodeUtf8(bytes.subarray(start + 2, lf)))
    else {
      const words = bytes.toString('latin1', start, Math.min(lf, start + 200)).split(' ')
      if (words[0] === 'F') files.push(opened(words))
      else if (words[0] === 'Z') whole = true
      else if (file !== undefined) closed(file, words)
    }
    start = lf + 1
  }
  return {
    files: files.map(({ parts, newest, ...file }) => ({ ...file, lines: Buffer.concat(parts), tail: newest })),
    whole,
  }
}

const closed = (file: Open, words: readonly string[]): void => {
  if (words[0] === 'E') file.end = Number(words[2])
  if (words[0] !== 'S' || file.end === null) return
  file.ends = words[1] ?? ''
  file.readTo = Number(words[2])
  file.want = Number(words[3])
}
