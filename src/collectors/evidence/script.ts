import { shellQuoted } from '../../core/shell-word.ts'
import { sh } from '../sh.ts'
import { CUT_AWK } from './cut-awk.ts'

const QUERY_PY = `import json,sqlite3,sys,urllib.parse
try:
    c=sqlite3.connect("file:"+urllib.parse.quote(sys.argv[1])+"?mode=ro",uri=True,timeout=1)
    c.row_factory=sqlite3.Row
    c.text_factory=lambda b: b.decode("utf-8","replace")
    json.dump([dict(x) for x in c.execute(sys.stdin.read())],sys.stdout,default=lambda b: b.hex())
except sqlite3.DatabaseError as e:
    sys.exit("Error: "+str(e))
`

// Percent-encodes what is not printable ASCII; the escaping the probe uses.
const ESC = sh`
function esc(x,   i, c, o) {
  if (x == "") return "-"
  o = ""; for (i = 1; i <= length(x); i++) { c = substr(x, i, 1); o = o ((c in H) ? H[c] : c) }
  return o
}
function codes(   i) { for (i = 1; i < 256; i++) if (i < 33 || i > 126 || i == 37) H[sprintf("%c", i)] = sprintf("%%%02X", i); H[sprintf("%c", 1)] = "%0A" }
`

// One stat file at a time, so that a hostile command name cannot forge a row. Trees below the roots, and namesakes.
const TREE_AWK = `${ESC}${sh`
BEGIN {
  codes(); n = split(ROOTS, r, " "); for (i = 1; i <= n; i++) ROOT[r[i]] = 1
  for (a = 1; a < ARGC; a++) {
    t = ""; while ((getline l < ARGV[a]) > 0) t = (t == "") ? l : t "\n" l; close(ARGV[a])
    o = index(t, "("); c = 0; u = t
    while ((i = index(u, ")")) > 0) { c += i; u = substr(u, i + 1) }
    if (o == 0 || c <= o) continue
    p = ARGV[a]; sub(/^\/proc\//, "", p); sub(/\/.*/, "", p)
    split(substr(t, c + 2), g, " "); PP[p] = g[2]; NM[p] = substr(t, o + 1, c - o - 1)
    ROW[p] = p "\t" g[2] "\t" g[1] "\t" g[5] "\t" g[20]
  }
  for (p in ROW) {
    in_tree = 0; q = p
    for (k = 0; k < 64 && q != "" && q > 1; k++) { if (q == SELF) { in_tree = 0; break } if (q in ROOT) in_tree = 1; q = PP[q] }
    if (in_tree && kept++ < 200) print ROW[p] "\t" esc(NM[p]) "\ttree"
    else if (!in_tree && NM[p] == CLI && others++ < 40) print ROW[p] "\t" esc(NM[p]) "\tother"
  }
}`}`

const PS_AWK = `${ESC}${sh`
BEGIN { codes(); n = split(ROOTS, r, " "); for (i = 1; i <= n; i++) ROOT[r[i]] = 1 }
{ p = $1; PP[p] = $2; NM[p] = $5; ROW[p] = p "\t" $2 "\t" substr($3, 1, 1) "\t" ($4 ~ /^[?]/ ? "-" : $4) "\t-" }
END {
  for (p in ROW) {
    q = p; in_tree = 0
    for (k = 0; k < 64 && q != "" && q > 1; k++) { if (q == SELF) { in_tree = 0; break } if (q in ROOT) in_tree = 1; q = PP[q] }
    if (in_tree && kept++ < 200) print ROW[p] "\t" esc(NM[p]) "\ttree"
  }
}`}`

// argv0 and script of each process, nothing else: a word after -c or -e is a program text and never leaves.
const ARGV_AWK = `${ESC}${sh`
function base(x) { sub(/.*\//, "", x); return x }
function flush(   i, sc, word) {
  if (pid == "") return
  sc = ""; word = "-"
  if (base(a[1]) ~ /^(node|nodejs|bun|deno|python[0-9.]*|pypy3?|uv|npx|npm|-?(ba|z|da|k)?sh)$/)
    for (i = 2; i <= 4 && i <= n; i++) {
      if (a[i] ~ /^-[A-Za-z]*[cepm]/ || a[i] ~ /^--(eval|print|command)/) break
      if (a[i] !~ /^-/) { if (a[i] ~ /^[^ \t\001]+$/) sc = a[i]; break }
    }
  # only whole words of this list: they tell a server from a session
  for (i = 2; i <= 4 && i <= n; i++) if (a[i] ~ /^(app-server|mcp-server|mcp|serve|acp|daemon)$/) { word = a[i]; break }
  print pid "\t" (a[1] ~ /[ \t\001]/ ? "-" : esc(a[1])) "\t" esc(sc) "\t" word
}
BEGIN { codes(); M = "@" ENVIRON["VC_N"] " A " }
index($0, M) == 1 { flush(); pid = substr($0, length(M) + 1); n = 0; split("", a); next }
{ a[++n] = $0 }
END { flush() }`}`

/**
 * Everything a machine shows of one agent, once. "$1" nonce · "$2" tmux socket · "$3" pane · "$4" session root pid · "$5" CLI ·
 * "$6" transcript file or database · "$7" "$8" queries · "$9" needles, one a line · then config homes. Empty = unknown. Every
 * line that starts a block begins with `@<nonce>`; other lines belong to the block above. The screen is captured last, so
 * that no source is newer than what is printed as the moment of capture. Key files are never opened.
 */
export const EVIDENCE_SCRIPT = `# vc:ask evidence.capture
tree_awk=${shellQuoted(TREE_AWK)}
ps_awk=${shellQuoted(PS_AWK)}
argv_awk=${shellQuoted(ARGV_AWK)}
cut_awk=${shellQuoted(CUT_AWK)}
query_py=${shellQuoted(QUERY_PY)}
${sh`
b() { printf '@%s %s\n' "$N" "$*"; }
owner() { stat -c %u "$1" 2>/dev/null || stat -f %u "$1" 2>/dev/null; }
# A regular file. In somebody else's home also: no link on the way to it, and owned by whom its folder belongs to.
plain() {
  [ -f "$1" ] && [ ! -L "$1" ] && [ -r "$1" ] || return 1
  [ -O "$1" ] && return 0
  [ "$(cd -P -- "\${1%/*}" 2>/dev/null && pwd)/\${1##*/}" = "$1" ] && [ "$(owner "$1")" = "$(owner "\${1%/*}")" ]
}
query() {
  plain "$2" || return 0
  b "rows $1"
  if command -v sqlite3 >/dev/null 2>&1 && sqlite3 -readonly -json :memory: '' >/dev/null 2>&1; then
    printf '.timeout 1000\n%s\n;\n' "$3" | $T sqlite3 -batch -bail -readonly -json "$2" 2>&1
    printf '\n'; b "asked $1"
  elif command -v python3 >/dev/null 2>&1; then
    printf '%s\n' "$3" | $T python3 -c "$query_py" "$2" 2>&1
    printf '\n'; b "asked $1"
  else b "lacking $1"; printf '%s\n' "$2"; fi
}
registry() {
  case $SEEN in *"
$1
"*) return 0 ;; esac
  SEEN="$SEEN$1
"
  for f in "$1"/sessions/*.json; do
    p=\${f##*/}; p=\${p%.json}
    case $p in ''|*[!0-9]*) continue ;; esac
    plain "$f" || continue
    files=$((files + 1)); [ "$files" -le 200 ] || return 0
    b "registry $p"
    head -c 65536 "$f" | sed 's/"messagingSocketPath"[ ]*:[ ]*"[^"]*"/"messagingSocketPath":null/'
    printf '\n'
  done
}
codex() {
  case $SEEN in *"
$1
"*) return 0 ;; esac
  SEEN="$SEEN$1
"
  case $1 in /*) ;; *) return 0 ;; esac
  for f in "$1"/thread_history_*.sqlite; do query turns "$f" "$Q1"; done
  for f in "$1"/state_*.sqlite; do query threads "$f" "$Q2"; done
  [ -S "$1/app-server-control/app-server-control.sock" ] && b "codex_socket"
  # the server keeps the lock of each thread that it runs open
  p=$(sed -n 's/^{"pid":\([0-9]*\).*/\1/p' "$1/app-server-daemon/daemon.pid" 2>/dev/null)
  [ -n "$p" ] && [ -O "/proc/$p/fd" ] || return 0
  b "codex_served"
  ls -l "/proc/$p/fd" 2>/dev/null | sed -n 's|^.* -> /.*/thread-writer-locks/\([0-9a-f-]*\)\.lock$|\1|p'
}
live() {
  SEEN='
'
  files=0
  case $C in
  claude)
    b "claude"
    registry "$home/.claude"
    [ -z "\${CLAUDE_CONFIG_DIR:-}" ] || registry "$CLAUDE_CONFIG_DIR"
    for d in "$@"; do registry "$d"; done ;;
  codex)
    codex "\${CODEX_HOME:-$home/.codex}"
    for d in "$@"; do codex "$d"; done ;;
  opencode)
    data=\${XDG_DATA_HOME:-$home/.local/share}/opencode
    [ -n "$F" ] || F=$data/opencode.db
    b "database"; printf '%s\n' "$F"
    query own "$F" "$Q1"
    query events "$F" "$Q2"
    for log in "\${F%/*}/log/opencode.log" "$data/log/opencode.log"; do
      plain "$log" || continue
      b "log"
      tail -c 262144 "$log" | grep -F -e message=asking -e 'message="stream error"' -e message=loop -e 'message="exiting loop"' \
        -e message=cancel -e message=process -e message=stream -e 'message="creating instance"' | cut -c1-2000 | tail -n 120
      break
    done ;;
  esac
}
mtime() { stat -c %Y "$1" 2>/dev/null || stat -f %m "$1" 2>/dev/null; }
cut_lines() { { "$@"; printf 'X\n'; } | tr '\000' ' ' | VC_ND="$ND" awk -v SKIP="$skip" "$cut_awk"; }
transcript() {
  [ -n "$F" ] || return 0
  plain "$F" || { b "no_transcript"; return 0; }
  b "mtime"; mtime "$F"
  case $C in opencode) return 0 ;; esac
  b "tail"
  size=$(wc -c <"$F"); skip=0
  if [ "$size" -gt 2097152 ]; then
    # the first line of a rollout tells a headless run
    [ "$C" = codex ] && cut_lines head -n 1 "$F"
    skip=1
  fi
  cut_lines tail -c 2097152 "$F"
}
argv() {
  for p in $(printf '%s\n' "$tree" | cut -f1); do
    printf '@%s A %s\n' "$N" "$p"
    if [ -r "/proc/$p/cmdline" ]; then head -c 8192 "/proc/$p/cmdline" | tr '\000\n' '\n\001' | head -n 5
    else ps -o args= -p "$p" 2>/dev/null | tr ' ' '\n' | head -n 5; fi
    printf '\n'
  done | VC_N="$N" awk "$argv_awk"
}
processes() {
  if [ -r /proc/self/stat ]; then
    tree=$(awk -v ROOTS="$PP $R" -v CLI="$C" -v SELF="$$" "$tree_awk" /proc/[0-9]*/stat 2>/dev/null </dev/null); rc=$?
  else
    tree=$(ps -A -o pid= -o ppid= -o stat= -o tty= -o ucomm= 2>/dev/null | awk -v ROOTS="$PP $R" -v SELF="$$" "$ps_awk"); rc=$?
  fi
  [ "$rc" -eq 0 ] || return 0
  b "processes"; [ -z "$tree" ] || printf '%s\n' "$tree"
  b "argv"; [ -z "$tree" ] || argv
}
screen() {
  U=$(printf '\037')
  fmt="@$N pane$U#{pid}$U#{start_time}$U#{session_id}$U#{window_id}$U#{window_index}$U#{pane_id}$U#{pane_index}$U#{pane_pid}$U#{pane_dead}$U#{pane_dead_status}$U#{pane_dead_signal}$U#{pane_dead_time}$U#{pane_active}$U#{window_active}$U#{alternate_on}$U#{pane_in_mode}$U#{pane_mode}$U#{window_activity}$U#{session_created}$U#{session_activity}$U#{session_attached}$U#{pane_width}$U#{pane_height}$U#{history_size}$U#{cursor_x}$U#{cursor_y}$U#{pane_tty}$U#{pane_current_command}$U#{session_name}$U#{window_name}$U#{pane_current_path}$U#{pane_title}"
  $T tmux -u -S "$S" list-panes -t "$P" -F "$fmt" ';' \
    display-message -p -t "$P" "@$N started" ';' display-message -p -t "$P" '#{pane_start_command}' ';' \
    display-message -p -t "$P" "@$N screen" ';' capture-pane -p -J -t "$P" ';' \
    display-message -p -t "$P" "@$N ansi" ';' capture-pane -p -e -t "$P" 2>&1
  b "captured $?"
}
evidence() {
  unset TMUX TMUX_PANE
  umask 077
  LC_ALL=C; export LC_ALL
  N=$1 S=$2 P=$3 R=$4 C=$5 F=$6 Q1=$7 Q2=$8 ND=$9; shift 9
  PATH=$PATH:/usr/local/bin:/opt/homebrew/bin:/home/linuxbrew/.linuxbrew/bin:$HOME/.local/bin
  home=\${HOME:-}; PP=; T=; command -v timeout >/dev/null 2>&1 && T='timeout 4'
  b "begin 1"
  b "host"
  printf 'os %s\nclk_tck %s\ntmux %s\n' "$(uname -s)" "$(getconf CLK_TCK 2>/dev/null)" "$(tmux -V 2>/dev/null)"
  [ -r /proc/stat ] && grep '^btime ' /proc/stat
  mine=
  # a socket of somebody else in a shared temp folder is not ours to talk to
  if [ -n "$S" ] && command -v tmux >/dev/null 2>&1 && [ -S "$S" ] && [ -O "$S" ] && [ -O "\${S%/*}" ]; then
    mine=1
    PP=$($T tmux -u -S "$S" list-panes -t "$P" -F '#{pane_id} #{pane_pid}' 2>/dev/null | awk -v P="$P" '$1 == P { print $2; exit }')
  elif [ -n "$S" ]; then b "no_socket"; fi
  live "$@"
  transcript
  processes
  [ -z "$mine" ] || screen
  b "end $(date +%s) $(date +%s%N 2>/dev/null)"
}
evidence "$@" </dev/null 2>/dev/null
`}`
