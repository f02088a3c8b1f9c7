import { sh } from '../sh.ts'

/**
 * Read-only look at the repositories of some directories, one pass. vc prepends `N` (nonce). Arguments come in pairs: a
 * directory, and the head commit vc already counted today (or empty). RS plus nonce starts a repository, US plus nonce a field;
 * file names inside the status part cannot forge either.
 */
export const GIT_SCRIPT = sh`
vcgit() {
export GIT_OPTIONAL_LOCKS=0 GIT_TERMINAL_PROMPT=0 LC_ALL=C
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_COMMON_DIR GIT_OBJECT_DIRECTORY GIT_NAMESPACE GIT_CEILING_DIRECTORIES
PATH=$PATH:/usr/local/bin:/opt/homebrew/bin:/home/linuxbrew/.linuxbrew/bin
v=$(git --version 2>/dev/null) || v=-
printf 'vc-git 1 %s %s\n' "$N" "$v"
[ "$v" = - ] && { printf '\036%s end' "$N"; return 0; }
T=; command -v timeout >/dev/null 2>&1 && T='timeout 10'
R=$(printf '\036'); U=$(printf '\037')
NL='
'
SEEN=$R
i=0
while [ $# -gt 0 ]; do
  d=$1 known=$2; shift 2; i=$((i+1))
  printf '\036%s R %s' "$N" "$i"
  # the configuration of a visited checkout is not to be obeyed: no file system monitor, no signature program
  o=$($T git -C "$d" rev-parse --is-bare-repository --is-inside-work-tree --show-toplevel HEAD 2>/dev/null); rc=$?
  bare=\${o%%"$NL"*}; o=\${o#*"$NL"}; inside=\${o%%"$NL"*}; o=\${o#*"$NL"}; top=\${o%"$NL"*}; oid=\${o##*"$NL"}
  if [ "$inside" != true ]; then
    e=$($T git -C "$d" rev-parse --show-toplevel 2>&1 >/dev/null); rc=$?
    printf '\037%s%s\037%s%s\037%s%.400s' "$N" error "$N" "$rc" "$N" "$bare $e"
    continue
  fi
  case $SEEN in *"$R$top$R"*) printf '\037%s%s\037%s%s' "$N" same "$N" "$top"; continue ;; esac
  SEEN=$SEEN$top$R
  w=0 f=
  if [ -f "$top/.git" ]; then g=$(head -c 4096 "$top/.git"); case $g in */worktrees/*) w=1 ;; esac; g=\${g#gitdir: }; else g=$top/.git; fi
  case $g in /*) ;; *) g=$top/$g ;; esac
  [ -e "$g/FETCH_HEAD" ] && { f=$(stat -c %Y "$g/FETCH_HEAD" 2>/dev/null) || f=$(stat -f %m "$g/FETCH_HEAD" 2>/dev/null); }
  printf '\037%s%s\037%s%s\037%s%s\037%s%s\037%s%s' "$N" repo "$N" "$top" "$N" "$w" "$N" "$f" "$N" "$oid"
  if [ -n "$known" ] && [ "$known" = "$oid" ]; then printf '\037%s%s' "$N" unchanged
  else
    printf '\037%s%s\037%s%s\037%s%s\037%s%s\037%s%s' "$N" counted \
      "$N" "$($T git -C "$d" -c log.showSignature=false log -1 --format=%ct 2>/dev/null)" \
      "$N" "$($T git -C "$d" rev-list --count --since=7.days HEAD -- 2>/dev/null)" \
      "$N" "$($T git -C "$d" rev-list --count --since=30.days HEAD -- 2>/dev/null)" \
      "$N" "$(git -C "$d" config --get remote.origin.url 2>/dev/null)"
    # authors are told apart here and only counted there
    printf '\037%s%s' "$N" "$($T git -C "$d" -c log.showSignature=false log --since=30.days --format='%ct %aE' HEAD -- 2>/dev/null |
      awk '{ n[int($1/86400)]++; sub(/^[^ ]* /, ""); if (!($0 in a)) { a[$0]; c++ } } END { printf "a%d", c; for (d in n) printf " %.0f:%d", d*86400, n[d] }')"
  fi
  printf '\037%s' "$N"
  { $T git -C "$d" -c core.fsmonitor=false -c core.quotePath=false status --porcelain=v2 --branch --show-stash -z 2>/dev/null; printf '\037%s%s' "$N" "$?"; } | head -c 262144
done
printf '\036%s end' "$N"
}
vcgit "$@" </dev/null 2>/dev/null
`
