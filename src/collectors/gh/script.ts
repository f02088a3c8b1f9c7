import { sh } from '../sh.ts'
import { toolScript } from '../tool-sections.ts'

const PR_FIELDS = 'number,title,state,isDraft,labels,reviewDecision,statusCheckRollup,createdAt,updatedAt,url'
const ISSUE_FIELDS = 'number,title,state,labels,createdAt,updatedAt,url'

// gh's own jq: what checks said stays, their names and links do not travel
const PR_SHAPE =
  '[.[] | {number, title, state, isDraft, labels: [.labels[]?.name], reviewDecision, createdAt, updatedAt, url, checks: ([.statusCheckRollup[]? | if (.conclusion // "") != "" then .conclusion else (.state // .status) end] | unique)}]'
const ISSUE_SHAPE = '[.[] | {number, title, state, labels: [.labels[]?.name], createdAt, updatedAt, url}]'

/** Open items fetched per repository and kind; as many as that may be more. */
export const MAX_ITEMS = 100

const EACH = sh`shift
S0=$(date +%s)
while [ $# -gt 0 ]; do
  [ $(($(date +%s) - S0)) -lt 50 ] || break
  part "pr $1" 20 "$tool" pr list -R "github.com/$1" --state open --limit "$L" --json "$PF" --jq "$PS"
  [ "$s" = 4 ] && break
  part "issue $1" 20 "$tool" issue list -R "github.com/$1" --state open --limit "$L" --json "$IF" --jq "$IS"
  [ "$s" = 4 ] && break
  shift
done`

/**
 * Lists what is open: "$1" is gh, the rest are `owner/name`. Two reads per repository, none begun after 50 s, none after gh
 * said that nobody is logged in (exit 4). `gh auth status` is never asked: it speaks of tokens.
 */
export const githubScript = (): string =>
  toolScript(
    'gh.items',
    `begin
find_tool "$1" gh || return 0
export GH_PROMPT_DISABLED=1 GH_NO_UPDATE_NOTIFIER=1 GH_NO_EXTENSION_UPDATE_NOTIFIER=1 GH_PAGER=cat GH_SPINNER_DISABLED=1
unset GH_DEBUG GH_FORCE_TTY
L=${MAX_ITEMS} PF='${PR_FIELDS}' PS='${PR_SHAPE}' IF='${ISSUE_FIELDS}' IS='${ISSUE_SHAPE}'
${EACH}
finish`,
  )
