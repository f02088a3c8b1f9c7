import { sh } from '../sh.ts'

/**
 * Reads JSON with comments (`mode=json`) or TOML (`mode=toml`) letter by letter and prints it again with every value replaced
 * by its shape, so that no value but the harmless ones leaves the machine; vc parses what is printed with its usual parsers.
 * Shapes are strings: `=text` kept, `#length:checksum` (`#length` for numbers), `$program#length:checksum` of a command,
 * `@host` of a url, `%Tool#length:checksum` of a permission rule, `-` dropped. Keys are printed once their `:` or `=` was seen;
 * whatever is out of order ends the output with a `!`, for a value in a key's place must not pass for a key.
 * With `only=1` nothing but the values of `mcpServers`, at the top and in `projects.*`, is printed, each as a text of its own.
 */
export const MASK_AWK = sh`
function out(s) { if (emit) printf "%s", s }
function bad() { emit = 1; out("!"); dead = 1; exit }
function sum(v, i, n, h, g) {
  n = length(v); if (n > 8192) n = 8192
  h = 7; g = 11
  for (i = 1; i <= n; i++) { h = (h * 131 + ord[substr(v, i, 1)]) % 16777213; g = (g * 257 + ord[substr(v, i, 1)]) % 16777199 }
  return sprintf("#%d:%06x%06x", length(v), h, g)
}
function secret(p, l) { return p l "\001" ~ /\001(env|environment|env_vars|headers|http_headers|env_http_headers|credentials?|secrets?|auth|oauth)\001/ || l ~ /token|secret|passw|api_?key|credential|authorization|cookie|bearer|private_?key|passphrase/ }
function host(v, h) {
  if (v !~ /^[A-Za-z][A-Za-z0-9+.-]*:\/\//) return "-"
  h = v; sub(/^[^:]*:\/\//, "", h); sub(/[\/?#].*$/, "", h)
  if (index(v, "@") && !index(h, "@")) return "-"
  sub(/^.*@/, "", h)
  return h ~ /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?$/ && length(h) < 200 ? "@" h : "-"
}
function program(v, b) {
  b = v; sub(/^[ \t]+/, "", b); sub(/[ \t].*$/, "", b); sub(/^.*\//, "", b)
  return b ~ /^[A-Za-z0-9._+@-]+$/ && length(b) <= 64 ? "$" b sum(v) : sum(v)
}
function shape(v, p, l, arr, b) {
  p = pre[d] kpre[d]; l = leaf[d]; arr = type[d] == "["
  if (l == "selectedtype" && v ~ /^[a-z-]+$/) return "=" v
  if (secret(p, l) || l == "args") return "-"
  if (l == "command" || l == "notify") return arr && idx[d] > 0 ? "-" : program(v)
  if (l ~ /url$|endpoint$|^proxy$/) return host(v)
  if ((l in keep) && !arr && length(v) <= 80 && v ~ /^[A-Za-z0-9 ._:@\/+*|,()-]*(\[1m\])?$/) return "=" v
  if (p l "\001" ~ /\001permission\001/ && v ~ /^(allow|ask|deny)$/) return "=" v
  if (arr && (p ~ /\001(permissions|tools)\001/ || l ~ /tools$/)) {
    b = v; sub(/\(.*$/, "", b)
    return b ~ /^[A-Za-z0-9_*.:-]+$/ && length(b) <= 100 ? "%" b sum(v) : sum(v)
  }
  return sum(v)
}
function bare(v) {
  if (v == "true" || v == "false" || (v == "null" && mode == "json")) { out(secret(pre[d] kpre[d], leaf[d]) ? "\"-\"" : v); return }
  if (v !~ /^[-+]?[0-9][-0-9A-Za-z_.:+]*$/ && v !~ /^[-+]?(inf|nan)$/) { out("?"); return }
  if (secret(pre[d] kpre[d], "")) out("\"-\"")
  else if ((leaf[d] in keep) && v ~ /^-?[0-9]+(\.[0-9]+)?$/ && length(v) < 16) out(v)
  else out("\"#" length(v) "\"")
}
function push(t, was) {
  if (d >= 60) bad()
  was = d; d++
  type[d] = t; idx[d] = 0; leaf[d] = leaf[was]; kpre[d] = ""
  pre[d] = t == "[" ? pre[was] kpre[was] : pre[was] kpre[was] leaf[was] "\001"
  want = t == "{" ? "key" : "value"
  if (mode == "toml") newkey()
}
function pop(t) { if (d < 1 || type[d] != t) bad(); d--; want = "after" }
function newkey() { ktext = ""; part = ""; kpre[d] = ""; seen = 0; gap = 0 }
function ended(v) {
  if (!emit && want == "value") { want = "after"; return }
  if (want == "key") {
    if (mode == "json") { held = "\"" v "\""; leaf[d] = tolower(v); name[d] = v; want = "colon" }
    else { if (seen) bad(); ktext = ktext quote v quote; part = part v; seen = 1 }
  } else if (want == "value") {
    if (mode == "json" || quote == "\"") { gsub(/\\\//, "/", v); gsub(/\\"/, "\"", v); gsub(/\\\\/, "\\", v) }
    out("\"" shape(v) "\""); want = "after"
  } else bad()
}
function literal(c) { if (lit != "") { if (want != "value") bad(); bare(lit); lit = ""; want = "after" } }
# JSON comes in pieces between quotes: long texts are stepped over in one go. c of a piece: what it ends a string with.
function piece(s, i, n, c) {
  if (st == "string") {
    if (index(s, "\n")) bad()
    if (emit || want == "key") buf = buf s
    if (match(s, /\\+$/) && RLENGTH % 2) { if (emit || want == "key") buf = buf "\""; return }
    st = ""; quote = "\""; ended(buf); return
  }
  n = length(s)
  if (n > 20000) bad()
  for (i = 1; i <= n; i++) {
    c = substr(s, i, 1)
    if (st == "comment") { if (c == "*" && substr(s, i + 1, 1) == "/") { st = ""; i++ } }
    else if (st == "line") { if (c == "\n") st = "" }
    else if (c == "/") {
      literal(); i++; c = substr(s, i, 1)
      if (c == "*") st = "comment"; else if (c == "/") st = "line"; else bad()
    } else json(c)
  }
  if (st == "") { if (lit != "") bad(); st = "string"; buf = "" }
}
function lex(s, i, n, c) {
  n = length(s)
  if (n > 20000) bad()
  for (i = 1; i <= n; i++) {
    c = substr(s, i, 1)
    if (st == "string") {
      if (c == "\\" && quote == "\"") { buf = buf substr(s, i, 2); i++ }
      else if (c == quote && (!long || substr(s, i, 3) == quote quote quote)) { if (long) i += 2; st = ""; ended(buf) }
      else buf = buf c
      continue
    }
    if (c == "#") { literal(); break }
    if (c == "\"" || c == "\047") {
      if (lit != "") bad()
      quote = c; buf = ""; st = "string"; long = want == "value" && substr(s, i, 3) == c c c
      if (long) i += 2
      continue
    }
    toml(c)
  }
  if (st == "string") { if (!long) bad(); buf = buf "\n" }
}
function json(c) {
  if (c ~ /[ \t\r\n]/) { literal(); return }
  if (c ~ /[^][{},:]/) { lit = lit c; if (length(lit) > 400) bad(); return }
  literal()
  if (only && emit && d == capd && (c == "," || c == "}")) { out("}"); emit = 0 }
  if (c == "{" || c == "[") { if (want != "value") bad(); out(c); push(c) }
  else if (c == "}") { if (want == "value" || want == "colon") bad(); pop("{"); out(c) }
  else if (c == "]") { pop("["); out(c) }
  else if (c == ":") {
    if (want != "colon") bad()
    if (only && !emit && name[d] == "mcpServers" && (d == 1 || (d == 3 && name[1] == "projects"))) {
      emit = 1; capd = d; printf "\037%s%s\037%s{", N, (d == 3 ? name[2] : ""), N
    }
    out(held c); want = "value"
  } else { if (want != "after") bad(); out(c); idx[d]++; want = type[d] == "{" ? "key" : "value" }
}
# Keys wait in ktext until their sign comes.
function toml(c) {
  if (want == "key") {
    if (header) {
      if (c == "[" && header == 1 && ktext == "") header = 2
      else if (c == "]") {
        if (!shut) { if (part == "" && !seen) bad(); addpart(); pre[1] = "\001" kpre[1]; kpre[1] = "" }
        if (++shut == header) { out((shut == 2 ? "[[" : "[") ktext (shut == 2 ? "]]" : "]")); header = 0; want = "end" }
      } else { if (shut) bad(); keyletter(c) }
    } else if (c == "[" && d == 1 && ktext == "") { header = 1; shut = 0; newkey() }
    else if (c == "=") { if (part == "" && !seen) bad(); leaf[d] = tolower(part); out(ktext c " "); want = "value" }
    else if (c == "}" && d > 1) { if (ktext ~ /[^ ]/) bad(); pop("{"); out(c) }
    else keyletter(c)
    return
  }
  if (c ~ /[ \t]/) { literal(); return }
  if (want == "end") bad()
  if (c !~ /[][{},]/) { if (want != "value") bad(); lit = lit c; if (length(lit) > 400) bad(); return }
  literal()
  if (c == "[" || c == "{") { if (want != "value") bad(); out(c); push(c) }
  else if (c == "]") { pop("["); out(c) }
  else if (c == "}") { pop("{"); out(c) }
  else { if (d < 2 || want != "after") bad(); out(c); idx[d]++; if (type[d] == "{") { want = "key"; newkey() } else want = "value" }
}
function addpart() { kpre[d] = kpre[d] tolower(part) "\001"; part = ""; seen = 0; gap = 0 }
function keyletter(c) {
  if (c ~ /[ \t]/) { if (part != "" || seen) gap = 1; ktext = ktext " "; return }
  if (c == ".") { if (part == "" && !seen) bad(); addpart(); ktext = ktext c; return }
  if (c !~ /[A-Za-z0-9_-]/ || gap || seen) bad()
  part = part c; ktext = ktext c
}
BEGIN {
  if (mode == "json") RS = "\""
  for (i = 1; i < 256; i++) ord[sprintf("%c", i)] = i
  n = split("model small_model fallbackmodel smallfastmodel defaultmode permissionmode cleanupperioddays approval_policy approvals_reviewer sandbox_mode sandbox model_reasoning_effort plan_mode_reasoning_effort model_reasoning_summary model_verbosity model_provider profile theme autoupdates autoupdateschannel outputstyle language trust_level type transport matcher timeout startup_timeout_sec tool_timeout_sec share autoupdate default_agent approvalmode defaultapprovalmode maxage enabled disabled effortlevel forceloginmethod teammatemode wire_api web_search persistence max_bytes personality service_tier file_opener minimumreleaseage preferredlanguage editormode vimmode maxsessionturns enforcedtype mode level previewfeatures", w, " ")
  for (i = 1; i <= n; i++) keep[w[i]] = 1
  d = mode == "toml" ? 1 : 0; type[1] = "{"; pre[0] = "\001"; pre[1] = "\001"; leaf[0] = ""; kpre[0] = ""; kpre[1] = ""
  want = mode == "toml" ? "key" : "value"; emit = !only
  if (emit) printf "\037%s\037%s", N, N
}
{
  if (NR == 1) sub(/^\357\273\277/, "")
  if (mode == "json") { piece($0); next }
  sub(/\r$/, "")
  lex($0)
  if (st == "") {
    literal()
    if (header) bad()
    if (want == "value" && type[d] != "[") bad()
    if (want == "key" && ktext ~ /[^ ]/) bad()
    if (d == 1) { want = "key"; newkey() }
    out("\n")
  }
}
# after the last quote comes a piece that no quote ends: JSON is whole when it closed all it opened
END {
  if (dead) exit
  if (mode == "json" ? d > 0 : st == "string") { emit = 1; out("!") }
}
`
