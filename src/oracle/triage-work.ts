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

export interface BeadStanding {
  readonly machine_id: string
  readonly repo_id: string
  readonly issue_id: string
  readonly title: string | null
  readonly standing: string
  readonly priority: number | null
  readonly assignee: string | null
  readonly unblocks: number | null
  readonly score: number | null
}

const URGENT = 1
const READY_SHOWN = 3

const bestReady = (a: BeadStanding, b: BeadStanding): number =>
  (a.priority ?? 9) - (b.priority ?? 9) || (b.unblocks ?? 0) - (a.unblocks ?? 0) || (b.score ?? 0) - (a.score ?? 0)

const onceEach = (beads: readonly BeadStanding[]): readonly BeadStanding[] => [
  ...new Map(beads.map((bead) => [`${bead.repo_id}\u0001${bead.issue_id}`, bead])).values(),
]

/** Urgent issues that could begin now, and projects in which nothing can. */
export const adviceFromBeads = (open: readonly BeadStanding[]): readonly Advice[] => {
  const beads = onceEach(open)
  const ready = beads
    .filter((bead) => bead.standing === 'ready' && bead.assignee === null && (bead.priority ?? 9) <= URGENT)
    .toSorted(bestReady)
    .slice(0, READY_SHOWN)
    .map((bead) => ({
      id: `bead:${bead.repo_id}:${bead.issue_id}`,
      cause: causeOf('bead', bead.machine_id, `${bead.repo_id} ${bead.issue_id}`),
      rank: RANK.ready_work + (bead.priority ?? 9),
      title: `${bead.issue_id} is ready and nobody has it: ${displayText(bead.title ?? 'untitled', 120)}`,
      description: `priority ${bead.priority ?? 'unknown'}, ${counted(bead.unblocks ?? 0, 'issue waits', 'issues wait')} on it alone`,
      scope: `bead:${bead.issue_id}`,
      action: 'give it to an agent',
      command: pasteable(['vc', 'robot', 'beads', '--repo', bead.repo_id, '--json']),
      confidence: 0.6,
    }))
  const stuck = [...Map.groupBy(beads, ({ repo_id }) => repo_id)].flatMap(([repo, mine]) => {
    const blocked = mine.filter(({ standing }) => standing === 'blocked')
    const moves = mine.some(({ standing }) => standing === 'ready' || standing === 'in_progress')
    const [first] = blocked
    if (first === undefined || moves) return []
    return [
      {
        id: `beads-blocked:${repo}`,
        cause: causeOf('beads', first.machine_id, repo),
        rank: RANK.no_way_on,
        title: `${counted(blocked.length, 'issue is', 'issues are')} blocked and none is ready or in progress`,
        description: `in the project of ${first.issue_id}: nothing can begin until ${blocked.length === 1 ? 'it' : 'one of them'} is freed`,
        scope: `repo:${repo}`,
        action: 'see what they wait on',
        command: pasteable(['vc', 'robot', 'beads', '--repo', repo, '--status', 'blocked', '--json']),
        confidence: 0.7,
      },
    ]
  })
  return [...stuck, ...ready]
}
