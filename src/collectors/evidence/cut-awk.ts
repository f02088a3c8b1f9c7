import { sh } from '../sh.ts'

/**
 * awk: the newest lines of a transcript that may tell a state, shortened where they lie. Strings under other keys than KEPT
 * leave as `[text <bytes> #<hash>]`; only the words that decide a state stay. Works on strings split at quotes, so that a
 * line stays the JSON it was. Needs `-v SKIP` (1: the first line is cut off), ENVIRON VC_ND (needles, one a line).
 */
export const CUT_AWK = sh`
function hashed(s,   h, i, n) {
  h = 0; n = length(s); if (n > 4096) n = 4096
  for (i = 1; i <= n; i++) h = (h * 31 + ORD[substr(s, i, 1)]) % 2147483629
  return sprintf("%08x", h)
}
function text(s) { return s == "" ? "" : "[text " length(s) " #" hashed(s) "]" }
function keep(key, s) {
  if (s ~ /^\[Request interrupted by user/) return "[Request interrupted by user]"
  if (s ~ /^Request cancelled/) return "Request cancelled."
  if (key ~ KEPT && length(s) <= 256) return s
  # words of the CLI itself, not of a person or a model: what went wrong
  if (failed && key ~ /^(text|content|message)$/) {
    if (length(s) <= 2000) return s
    if (match(tolower(s), LIMIT)) return substr(s, RSTART, RLENGTH)
  }
  if (match(s, /^( |\\[nrt])*<[a-z_-]+>/)) return substr(s, 1, RLENGTH) text(substr(s, RLENGTH + 1))
  return text(s)
}
function cut(l,   n, a, i, s, key, out) {
  failed = index(l, "\"isApiErrorMessage\":true") || l ~ /^[{]"id":"[^"]*","timestamp":"[^"]*","type":"error"/
  n = split(l, a, "\""); out = a[1]; key = ""
  for (i = 2; i <= n; i++) {
    s = a[i]
    while (i < n && match(a[i], /\\+$/) && RLENGTH % 2 == 1) { i++; s = s "\"" a[i] }
    if (i >= n) return ""
    i++
    if (a[i] ~ /^[ \t]*:/) { key = s; out = out "\"" s "\"" a[i] }
    else out = out "\"" keep(key, s) "\"" a[i]
  }
  return out
}
function handle(l,   i) {
  if (index(l, "{\"$set\"") == 1 || index(l, "\"isSidechain\":true")) return
  for (i = 1; i <= nd; i++) if (index(l, ND[i])) { held[count % RING] = l; count++; return }
}
BEGIN {
  RING = 60; for (i = 1; i < 256; i++) ORD[sprintf("%c", i)] = i
  nd = split(ENVIRON["VC_ND"], ND, "\n")
  LIMIT = "exhausted your (daily )?quota|quota exceeded|resource_exhausted|usage limit|hit your [a-z0-9 -]*limit|limit reached"
  KEPT = "^(type|subtype|timestamp|uuid|parentUuid|id|sessionId|session_id|version|entrypoint|stop_reason|name|role|model|error|apiError|rateLimitType|toolDenialKind|interruptedMessageId|trigger|status|reason|source|originator|codex_error_info|cli_version|limit_id|plan_type|turn_id|root_turn_id|call_id|kind|startTime|lastUpdated|requestId|tool_use_id)$"
}
{ if (NR > 1 + SKIP) handle(prev); prev = $0 }
END { for (i = (count > RING ? count - RING : 0); i < count; i++) print cut(held[i % RING]) }
`
