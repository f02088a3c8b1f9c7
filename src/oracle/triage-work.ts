import { pasteable } from '../core/shell-word.ts'
import { displayText } from '../core/text.ts'
import { counted } from './counted.ts'
import { type Advice, causeOf, RANK } from './triage.ts'

export interface RepoStanding {
  readonly machine_id: string
  readonly path: string
  readonly name: string | null
  readonly dirty: boolean | null
  readonly ahead: number | null
  readonly conflicted: number | null
}

const isUnder = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)

const inConflict = (repo: RepoStanding): boolean => (repo.conflicted ?? 0) > 0

const conflictWords = (torn: number, all: number): string => {
  if (torn === 0) return ''
  return all === 1 ? ', in conflict' : `, ${torn} of them in conflict`
}

/** Uncommitted and unpushed work of checkouts where no agent works: where one does, it is in hand. */
export const adviceFromRepos = (
  repos: readonly RepoStanding[],
  livingIn: readonly { readonly machine_id: string; readonly cwd: string | null }[],
): readonly Advice[] => {
  const left = repos.filter(
    (repo) =>
      (repo.dirty === true || (repo.ahead ?? 0) > 0 || inConflict(repo)) &&
      !livingIn.some(
        (agent) => agent.machine_id === repo.machine_id && agent.cwd !== null && isUnder(agent.cwd, repo.path),
      ),
  )
  return [...Map.groupBy(left, ({ machine_id }) => machine_id)].map(([machine, mine]) => {
    const dirty = mine.filter((repo) => repo.dirty === true)
    const ahead = mine.filter((repo) => (repo.ahead ?? 0) > 0)
    const torn = mine.filter(inConflict)
    // What is torn is named before what only waits.
    const named = [...torn, ...mine.filter((repo) => !inConflict(repo))]
      .slice(0, 4)
      .map(({ name, path }) => displayText(name ?? path, 60))
    return {
      id: `repos:${machine}`,
      cause: causeOf('repos', machine),
      rank: RANK.repos,
      title: `${counted(mine.length, 'checkout', 'checkouts')} on ${machine} ${mine.length === 1 ? 'holds' : 'hold'} work that nobody is at${conflictWords(torn.length, mine.length)}`,
      description: `${torn.length === 0 ? '' : `${torn.length} in conflict, `}${dirty.length} not committed, ${ahead.length} not pushed: ${named.join(', ')}${mine.length > named.length ? ', …' : ''}`,
      scope: `machine:${machine}`,
      action:
        torn.length === 0 ? 'commit or push what lies there' : 'settle the conflicts, commit or push what lies there',
      command: pasteable([
        'vc',
        'robot',
        'repos',
        '--machine',
        machine,
        ...(dirty.length === mine.length ? ['--dirty'] : []),
        '--json',
      ]),
      confidence: 0.6,
    }
  })
}

export interface ReadyBead {
  readonly machine_id: string
  readonly repo_id: string
  readonly issue_id: string
  readonly title: string | null
  readonly priority: number
  readonly unblocks: number | null
}

/** A project in which nothing is ready or in progress, and something is blocked. */
export interface StuckProject {
  readonly repo_id: string
  readonly blocked: number
  /** The best of them to free, and who tells of it. */
  readonly issue_id: string
  readonly machine_id: string
}

/** Issues of this priority and better are worth a word of their own, and no more of them than this. */
export const READY_WORTH = { priority: 1, limit: 3 }

/** Urgent issues that could begin now, and projects in which nothing can. */
export const adviceFromBeads = (ready: readonly ReadyBead[], stuck: readonly StuckProject[]): readonly Advice[] => [
  ...stuck.map(({ repo_id: repo, machine_id: machine, issue_id: issue, blocked }) => ({
    id: `beads-blocked:${repo}`,
    cause: causeOf('beads', machine, repo),
    rank: RANK.no_way_on,
    title: `${counted(blocked, 'issue is', 'issues are')} blocked and none is ready or in progress`,
    description: `in the project of ${issue}: nothing can begin until ${blocked === 1 ? 'it' : 'one of them'} is freed`,
    scope: `repo:${repo}`,
    action: 'see what they wait on',
    command: pasteable(['vc', 'robot', 'beads', '--repo', repo, '--status', 'blocked', '--json']),
    confidence: 0.7,
  })),
  ...ready.map((bead) => ({
    id: `bead:${bead.repo_id}:${bead.issue_id}`,
    cause: causeOf('bead', bead.machine_id, `${bead.repo_id} ${bead.issue_id}`),
    rank: RANK.ready_work + bead.priority,
    title: `${bead.issue_id} is ready and nobody has it: ${displayText(bead.title ?? 'untitled', 120)}`,
    description: `priority ${bead.priority}, ${counted(bead.unblocks ?? 0, 'issue waits', 'issues wait')} on it alone`,
    scope: `bead:${bead.issue_id}`,
    action: 'give it to an agent',
    command: pasteable(['vc', 'robot', 'beads', '--repo', bead.repo_id, '--json']),
    confidence: 0.6,
  })),
]
