import type { Refusal } from '../../core/action.ts'
import type { Executor } from '../../core/executor.ts'
import { sh } from '../../core/sh.ts'
import { runAct } from '../hosts/machine-act.ts'
import { stopRefusal } from './proofs.ts'
import { machineSaid } from './records.ts'
import { WORKTREE_HEAD } from './scripts.ts'
import { pathTrouble } from './worktrees.ts'

/**
 * "$1" worktree, "$2" base branch, "$3" commit that was seen, "$4" message, "$5" seconds for the tests, the rest: the tests' argv.
 * Merges and tests in a scratch tree of its own; the base moves only at the very end, by fast-forward, from where it was.
 */
const MERGE_SCRIPT = `${WORKTREE_HEAD}\n${sh`vc_look "$1" "$2" || return
vc_tell
base=$2; message=$4; seconds=$5
[ -n "$head" ] && [ "$head" = "$3" ] || { vc_no moved_on; return; }
[ "$changed $untracked $busy" = "0 0 0" ] || { vc_no not_clean; return; }
vc_repo() { vc_git --git-dir="$common" "$@"; }
old=$(vc_repo rev-parse --verify -q "refs/heads/$base^{commit}") || { vc_no no_base; return; }
vc_repo merge-base --is-ancestor "$head" "$old" && { vc_no nothing_new; return; }
vc_repo merge-base "$old" "$head" >/dev/null || { vc_no unrelated; return; }
held=$(vc_repo worktree list --porcelain | B=$base awk '/^worktree /{w=substr($0,10)} $0=="branch refs/heads/" ENVIRON["B"]{print w; exit}')
if [ -n "$held" ]; then
  dirty=$(vc_git -C "$held" status --porcelain=v2 --untracked-files=no) || { vc_no status_failed; return; }
  heldgit=$(vc_git -C "$held" rev-parse --absolute-git-dir)
  for f in MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD rebase-merge rebase-apply index.lock; do [ -e "$heldgit/$f" ] && dirty=1; done
  [ -z "$dirty" ] || { vc_text held "$held"; vc_no base_dirty; return; }
fi
vc_git -C "$1" var GIT_COMMITTER_IDENT >/dev/null 2>&1 || { vc_no no_identity; return; }
scratch=$(mktemp -d "\${TMPDIR:-/tmp}/vc-merge.XXXXXX") || { vc_no no_scratch; return; }
vc_drop() {
  vc_repo worktree remove --force -- "$scratch/tree" >/dev/null 2>&1
  case $scratch in */vc-merge.??????) rm -rf -- "$scratch" ;; esac
}
trap 'vc_drop; exit 1' HUP INT TERM
vc_repo worktree add -q --detach -- "$scratch/tree" "$old" >/dev/null 2>&1 || { vc_drop; vc_no no_scratch; return; }
if ! vc_git -C "$scratch/tree" merge -q --no-ff --no-edit -m "$message" "$head" >/dev/null 2>&1; then
  why=git_refused; [ -n "$(vc_git -C "$scratch/tree" ls-files -u)" ] && why=conflict
  vc_drop; vc_no "$why"; return
fi
new=$(vc_git -C "$scratch/tree" rev-parse HEAD)
shift 5
if [ $# -gt 0 ]; then
  limit=; command -v timeout >/dev/null 2>&1 && limit="timeout -k 10 $seconds"
  (cd "$scratch/tree" && unset GIT_OPTIONAL_LOCKS GIT_TERMINAL_PROMPT GIT_EDITOR LC_ALL && exec $limit "$@") >"$scratch/log" 2>&1 </dev/null
  code=$?
  vc_fact tests "$code"
  if [ "$code" != 0 ]; then
    log=$(mktemp "\${TMPDIR:-/tmp}/vc-merge-tests.XXXXXX") && cat "$scratch/log" >"$log" && vc_text log "$log"
    why=tests_red; [ "$code" = 124 ] && [ -n "$limit" ] && why=tests_slow
    vc_drop; vc_no "$why"; return
  fi
fi
if [ -n "$held" ]; then vc_git -C "$held" merge -q --ff-only "$new" >/dev/null 2>&1
else vc_repo update-ref -m 'vc merge' "refs/heads/$base" "$new" "$old" 2>/dev/null; fi
now=$(vc_repo rev-parse --verify -q "refs/heads/$base")
vc_drop
[ "$now" = "$new" ] || { vc_no moved_base; return; }
vc_text commit "$new"; vc_fact merged_now 1`}`

export interface MergeSpec {
  readonly path: string
  readonly base: string
  /** The commit of the worktree that was looked at. */
  readonly head: string
  readonly message: string
  /** What proves that it may be merged; empty: nobody asked for a proof. */
  readonly tests: readonly string[]
  readonly testsMs: number
}

export type MergeEnd =
  | { readonly is: 'merged'; readonly commit: string; readonly tests: number | null }
  /** Nothing changed. `log`: where the words of red tests stand on that machine. */
  | { readonly is: 'refused'; readonly refusal: Refusal; readonly log: string | null }

/** Merges one finished worktree into its base. Throws when it may or may not have happened. */
export const mergeWorktree = async (executor: Executor, spec: MergeSpec): Promise<MergeEnd> => {
  const { path, base, head, message, tests, testsMs } = spec
  const bad = [path, base].map(pathTrouble).find((one) => one !== null)
  if (bad) return { is: 'refused', refusal: bad, log: null }
  const seconds = String(Math.max(1, Math.ceil(testsMs / 1000)))
  const args = [path, base, head, message, seconds, ...tests]
  const deadlineMs = 180_000 + (tests.length === 0 ? 0 : testsMs + 10_000)
  const end = machineSaid(await runAct(executor, { name: 'worktree.merge', script: MERGE_SCRIPT, args, deadlineMs }))
  if (end.is === 'not_reached')
    return {
      is: 'refused',
      log: null,
      refusal: { code: 'not_reached', message: `${path}: ${end.detail}`, fix: 'vc doctor' },
    }
  if (end.is === 'broken_off') throw new Error(`git was at work when the way broke off: ${end.detail}`)
  const { facts, texts, no } = end.said
  if (facts.get('merged_now') === 1)
    return { is: 'merged', commit: texts.get('commit') ?? '', tests: facts.get('tests') ?? null }
  return {
    is: 'refused',
    refusal: stopRefusal(no ?? 'moved_base', texts.get('held') ?? path),
    log: texts.get('log') ?? null,
  }
}
