import { sh } from '../../core/sh.ts'

// Hooks and monitors of a repository are files that agents can write: none of them runs because vc looked or acted.
const GIT = sh`unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_COMMON_DIR GIT_OBJECT_DIRECTORY GIT_NAMESPACE
export GIT_OPTIONAL_LOCKS=0 GIT_TERMINAL_PROMPT=0 GIT_EDITOR=true LC_ALL=C
vc_git() { git -c core.fsmonitor=false -c core.hooksPath=/dev/null "$@"; }
vc_fact() { printf '@%s fact %s %s\n' "$N" "$1" "$2"; }
vc_text() { printf '@%s text %s\n%s\n' "$N" "$1" "$2"; }
vc_no() { printf '@%s no %s\n' "$N" "$1"; }
vc_abs() { (cd "$1" 2>/dev/null && pwd -P); }
vc_count() { printf '%s\n' "$1" | grep -c "$2"; }
command -v git >/dev/null 2>&1 || { vc_no git_missing; return; }`

// Pids with their working folder in "$1"; one fork for all of them, except where a small ls would not tell letters as they are.
// Of other users' processes nothing can be seen.
const INSIDE = sh`vc_inside() {
  if [ -d /proc/self ]; then case $1 in *[!\ -~]*)
    for l in /proc/[0-9]*/cwd; do
      t=$(readlink "$l" 2>/dev/null) || continue
      case $t in "$1"|"$1"/*|"$1 (deleted)") t=\${l#/proc/}; echo "\${t%/cwd}" ;; esac
    done ;; *)
    ls -ld /proc/[0-9]*/cwd 2>/dev/null | VC_R=$1 awk 'BEGIN { r = ENVIRON["VC_R"] }
      { i = index($0, " -> "); if (!i) next; t = substr($0, i + 4); sub(/ \(deleted\)$/, "", t)
        if (t == r || index(t, r "/") == 1) { split($0, a, "/proc/"); split(a[2], b, "/"); print b[1] } }' ;; esac
  elif command -v lsof >/dev/null 2>&1; then
    lsof -a -d cwd -Fpn 2>/dev/null | VC_R=$1 awk 'BEGIN { r = ENVIRON["VC_R"] }
      /^p/ { p = substr($0, 2) } /^n/ { t = substr($0, 2); if (t == r || index(t, r "/") == 1) print p }'
  else return 1; fi
}`

// Everything that W6 wants to know of a worktree, into variables. Base is "$2".
const LOOK = sh`vc_look() {
  p=$1
  [ -d "$p" ] || { vc_no missing; return 1; }
  real=$(vc_abs "$p"); top=$(vc_git -C "$p" rev-parse --show-toplevel 2>/dev/null) || { vc_no not_a_tree; return 1; }
  [ "$(vc_abs "$top")" = "$real" ] || { vc_no not_its_top; return 1; }
  gitdir=$(vc_git -C "$p" rev-parse --absolute-git-dir) || { vc_no not_a_tree; return 1; }
  common=$(cd "$p" && vc_abs "$(vc_git rev-parse --git-common-dir)")
  status=$(vc_git -C "$p" status --porcelain=v2 --untracked-files=all --ignored=matching --ignore-submodules=none 2>/dev/null) ||
    { vc_no status_failed; return 1; }
  changed=$(vc_count "$status" '^[12u] '); untracked=$(vc_count "$status" '^? '); ignored=$(vc_count "$status" '^! ')
  listed=$(vc_git -C "$p" ls-files -v) || { vc_no status_failed; return 1; }
  hidden=$(vc_count "$listed" '^[a-z]')
  [ "$(vc_git -C "$p" config --bool core.sparseCheckout)" = true ] || hidden=$((hidden + $(vc_count "$listed" '^S')))
  nested=$(find "$p" -mindepth 2 -maxdepth 6 -name node_modules -prune -o -mindepth 2 -name .git -print 2>/dev/null | grep -c .)
  locked=0; [ -e "$gitdir/locked" ] && locked=1
  main=0; [ "$gitdir" = "$common" ] && main=1
  busy=0
  for f in MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD BISECT_LOG rebase-merge rebase-apply sequencer index.lock; do
    [ -e "$gitdir/$f" ] && busy=1
  done
  head=$(vc_git -C "$p" rev-parse --verify -q HEAD); branch=$(vc_git -C "$p" symbolic-ref -q --short HEAD)
  merged=0; pushed=0
  if [ -n "$head" ]; then
    vc_git -C "$p" rev-parse --verify -q "refs/heads/$2" >/dev/null && [ "$branch" != "$2" ] &&
      vc_git -C "$p" merge-base --is-ancestor "$head" "refs/heads/$2" && merged=1
    [ -n "$(vc_git -C "$p" for-each-ref --contains "$head" --count=1 --format=x refs/remotes)" ] && pushed=1
  fi
  if pids=$(vc_inside "$real"); then inside=$(vc_count "$pids" .); else inside=-1; fi
  return 0
}
vc_tell() {
  vc_text path "$real"; vc_text common "$common"; vc_text branch "$branch"; vc_text head "$head"
  for k in changed untracked ignored hidden nested locked main busy merged pushed inside; do eval "vc_fact $k \$$k"; done
}`

/** What every script begins with. */
export const WORKTREE_HEAD = `${GIT}\n${INSIDE}\n${LOOK}`

/** "$1" path, "$2" base branch. */
export const LOOK_SCRIPT = `${WORKTREE_HEAD}\n${sh`vc_look "$1" "$2" && vc_tell`}`

/**
 * "$1" path, "$2" base branch, "$3" the commit that was seen, "$4" ref to keep it under. Looks at everything once more and goes
 * on only where nothing can be lost; git itself refuses too, because it is never forced.
 */
export const REMOVE_SCRIPT = `${WORKTREE_HEAD}\n${sh`vc_look "$1" "$2" || return
vc_tell
[ "$head" = "$3" ] || { vc_no moved_on; return; }
[ "$changed $untracked $hidden $nested $locked $main $busy $inside" = "0 0 0 0 0 0 0 0" ] || { vc_no not_proven; return; }
[ "$merged" = 1 ] || [ "$pushed" = 1 ] || { vc_no not_proven; return; }
vc_git --git-dir="$common" update-ref "$4" "$head" || { vc_no not_kept; return; }
vc_text kept "$4"
vc_git --git-dir="$common" worktree remove -- "$real" >/dev/null 2>&1 || { vc_no git_refused; return; }
[ -e "$real" ] && { vc_no still_there; return; }
vc_git --git-dir="$common" rev-parse --verify -q "$4" >/dev/null && vc_fact removed 1`}`

/** "$1" a folder of the repository, "$2" path or '' for beside it, "$3" branch, "$4" base branch or '' for the one checked out. */
export const CREATE_SCRIPT = `${GIT}\n${sh`top=$(vc_git -C "$1" rev-parse --show-toplevel 2>/dev/null) || { vc_no not_a_tree; return; }
common=$(cd "$1" && vc_abs "$(vc_git rev-parse --git-common-dir)")
repo=$(vc_git --git-dir="$common" worktree list --porcelain | sed -n '1s/^worktree //p')
[ -n "$repo" ] && [ -d "$repo" ] && [ "$(vc_git -C "$repo" rev-parse --is-bare-repository)" = false ] || { vc_no bare; return; }
repo=$(vc_abs "$repo"); path=$2
vc_git check-ref-format --branch "$3" >/dev/null 2>&1 || { vc_no bad_branch; return; }
[ -n "$path" ] || path="$repo.worktrees/$(printf %s "$3" | tr '/' '-')"
case $path in /*) ;; *) vc_no not_absolute; return ;; esac
base=$4; [ -n "$base" ] || base=$(vc_git -C "$repo" symbolic-ref -q --short HEAD)
[ -n "$base" ] && from=$(vc_git -C "$repo" rev-parse --verify -q "refs/heads/$base^{commit}") || { vc_no no_base; return; }
held=$(vc_git -C "$repo" worktree list --porcelain | B=$3 awk '/^worktree /{w=substr($0,10)} $0=="branch refs/heads/" ENVIRON["B"]{print w; exit}')
if [ -n "$held" ]; then
  [ -d "$held" ] && [ "$(vc_abs "$held")" = "$(vc_abs "$path")" ] || { vc_text held "$held"; vc_no branch_in_use; return; }
  reused=1
else
  [ -e "$path" ] && { vc_text held "$path"; vc_no path_taken; return; }
  reused=0; mkdir -p "$(dirname "$path")" || { vc_no not_made; return; }
  if vc_git -C "$repo" rev-parse --verify -q "refs/heads/$3" >/dev/null; then
    vc_git -C "$repo" worktree add -q -- "$path" "$3" >/dev/null 2>&1 || { vc_no git_refused; return; }
  else vc_git -C "$repo" worktree add -q --no-track -b "$3" -- "$path" "$from" >/dev/null 2>&1 || { vc_no git_refused; return; }; fi
fi
[ "$(vc_git -C "$path" symbolic-ref -q --short HEAD)" = "$3" ] || { vc_no not_made; return; }
vc_text path "$(vc_abs "$path")"; vc_text repo "$repo"; vc_text branch "$3"; vc_text base "$base"; vc_text from "$from"
vc_text head "$(vc_git -C "$path" rev-parse --verify -q HEAD)"; vc_fact reused "$reused"`}`
