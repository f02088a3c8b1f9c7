import { sh } from '../sh.ts'
import { pickKeys } from './pick-keys.ts'
import type { Companion } from './source.ts'

// Prints `{"key":value,…}` of the wanted top-level keys and nothing else of the file. $1 is its path.
const PICK = sh`
p=$1
[ -f "$p" ] && [ ! -L "$p" ] && [ -r "$p" ] || exit 3
tr '\000\001' '  ' <"$p" | LC_ALL=C awk '
BEGIN { RS = "\001"; n = split(WANTED, w, " "); for (i = 1; i <= n; i++) want[w[i]] = 1; delete w }
function outside(o,   j, c) {
  if (!(cap == 0 && o !~ /[][{},:]/)) for (j = 1; j <= length(o); j++) {
    c = substr(o, j, 1)
    if (c == "{" || c == "[") depth++
    if ((c == "}" || c == "]") && --depth == 0 && cap) { cap = 0 }
    if (c == "," && depth == 1) { cap = 0; key = "" }
    if (cap) out = out c
    if (c == ":" && depth == 1 && (key in want) && !cap) { cap = 1; out = out (some ? "," : "") "\"" key "\":"; some = 1 }
  }
}
{
  n = split($0, a, "\"")
  outside(a[1])
  for (i = 2; i <= n; i++) {
    s = a[i]; long = 0
    while (i < n && match(a[i], /\\+$/) && RLENGTH % 2 == 1) { i++; if (cap || length(s) < 100) s = s "\"" a[i] }
    if (cap) out = out "\"" s "\""
    else if (depth == 1) key = s
    i++
    if (i <= n) outside(a[i])
  }
}
END { print "{" out "}" }'
`

export const remoteCompanionScript = (companion: Companion): string =>
  PICK.replace('WANTED', JSON.stringify(companion.keys.join(' ')))

/** The picked keys, or null when the machine's answer is no JSON object. */
export const parseRemoteCompanion = (stdout: Uint8Array, companion: Companion): Record<string, unknown> | null =>
  pickKeys(Buffer.from(stdout.buffer, stdout.byteOffset, stdout.byteLength), companion.keys)
