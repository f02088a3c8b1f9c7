import type { ActWish, Deed, DeedResult, Effect, Refusal } from '../../core/action.ts'
import { usageError } from '../../core/errors.ts'
import { displayText } from '../../core/text.ts'
import { type MergeEnd, mergeWorktree } from '../../engine/worktrees/merge.ts'
import type { WorktreeLook } from '../../engine/worktrees/proofs.ts'
import { lookAtWorktree } from '../../engine/worktrees/worktrees.ts'
import { type WorktreeRow, worktrees } from '../../store/index.ts'
import { keepWorktree, type WorktreePorts, worktreeNamed } from './book.ts'

const TESTS_MS = 480_000
const MOST_TESTS_MS = 24 * 3_600_000

interface Tests {
  readonly argv: readonly string[]
  readonly ms: number
}

const isArgv = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((word) => typeof word === 'string' && !word.includes('\0'))

/** Merging untested is a thing one says, never one that happens. */
const testsOf = ({ params }: ActWish): Tests => {
  const { tests = [], untested, tests_ms: ms = TESTS_MS } = params
  if (!isArgv(tests)) throw usageError('bad_tests', 'the tests are no command', 'vc merge run <worktree> -- npm test')
  if (tests.length === 0 && untested !== true)
    throw usageError('no_tests', 'a merge needs tests that prove it', 'vc merge run -- npm test; or say --untested')
  if (typeof ms !== 'number' || !(ms >= 1_000 && ms <= MOST_TESTS_MS))
    throw usageError('bad_timeout', 'that is no time for tests', '--timeout 8m')
  return { argv: tests, ms }
}

/** Finished and not merged: a removal that was refused marks a tree for a person, and takes no finished work out of the queue. */
const waits = ({ status, finished_at, merged_at }: WorktreeRow): boolean =>
  status === 'finished' || (status === 'needs_cleanup' && finished_at !== null && merged_at === null)

/** Finished worktrees in the order in which they were finished, or the ones that were named. */
const chosen = async (ports: WorktreePorts, { params }: ActWish): Promise<readonly WorktreeRow[]> => {
  const { worktrees: named = [], machine } = params
  if (!isArgv(named)) throw usageError('bad_merge', 'the worktrees are no list', 'vc merge run --help')
  if (named.length > 0) return Promise.all(named.map((one) => worktreeNamed(ports, one, machine)))
  const known = await worktrees(ports.store.db, { machineId: typeof machine === 'string' ? machine : undefined })
  const finished = known.filter(waits)
  if (finished.length === 0)
    throw usageError(
      'nothing_finished',
      'no worktree is finished',
      'vc worktree finish <branch>, when its work is done',
    )
  return finished.sort((a, b) => (a.finished_at ?? '').localeCompare(b.finished_at ?? ''))
}

interface Turn {
  readonly row: WorktreeRow
  readonly end: MergeEnd
}

/** What is to be merged, as it was when the person was asked. */
interface Seen {
  readonly row: WorktreeRow
  readonly look: WorktreeLook | Refusal
}

const see = async (ports: WorktreePorts, row: WorktreeRow): Promise<Seen> => ({
  row,
  look: await lookAtWorktree(await ports.executor(row.machine_id), row.path, row.base_branch),
})

const headOf = ({ look }: Seen): string | null => ('fix' in look ? null : look.head)

const mergeOne = async (ports: WorktreePorts, { row, look }: Seen, tests: Tests): Promise<Turn> => {
  if ('fix' in look) return { row, end: { is: 'refused', refusal: look, log: null } }
  const end = await mergeWorktree(await ports.executor(row.machine_id), {
    ...{ path: row.path, base: row.base_branch, head: look.head ?? '', tests: tests.argv, testsMs: tests.ms },
    message: `Merge ${row.branch} into ${row.base_branch}`,
  })
  const at = ports.now().toISOString()
  const merged = end.is === 'merged'
  await keepWorktree(ports, {
    ...row,
    ...{ head_commit: look.head, looked_at: at },
    ...(merged ? { status: 'merged', merged_at: at, merge_commit: end.commit } : {}),
    detail: merged ? null : displayText(`not merged: ${end.refusal.message}`, 500),
  })
  return { row, end }
}

const effectOf = ({ row, end }: Turn): Effect =>
  end.is === 'merged'
    ? {
        what: `${row.branch} is merged into ${row.base_branch}`,
        observed: true,
        evidence: `commit ${end.commit.slice(0, 12)}`,
      }
    : { what: `${row.branch} is merged into ${row.base_branch}`, observed: false, evidence: end.refusal.code }

const resultOf = (turns: readonly Turn[]): DeedResult | Refusal => {
  const refused = turns.flatMap(({ end }) => (end.is === 'refused' ? [end] : []))
  const [first] = refused
  if (first !== undefined && refused.length === turns.length) {
    const log = first.log === null ? '' : `; what they said stands in ${first.log}`
    return { ...first.refusal, message: `${first.refusal.message}${log}` }
  }
  return {
    outcome: refused.length === 0 ? 'verified' : 'done',
    effects: turns.map(effectOf),
    data: {
      merges: turns.map(({ row, end }) => ({
        ...{ path: row.path, branch: row.branch, base: row.base_branch, merged: end.is === 'merged' },
        ...(end.is === 'merged' ? { commit: end.commit, tests: end.tests } : { refusal: end.refusal, log: end.log }),
      })),
    },
  }
}

/** `merge.run`: finished worktrees into their bases, one after the other; each on what the one before left. */
export const mergeMaker =
  (ports: WorktreePorts) =>
  async (wish: ActWish): Promise<Deed> => {
    const tests = testsOf(wish)
    const rows = await chosen(ports, wish)
    const seen = await Promise.all(rows.map((row) => see(ports, row)))
    const [first] = rows as [WorktreeRow]
    if (rows.some((row) => row.machine_id !== first.machine_id || row.repo !== first.repo))
      throw usageError('two_repositories', 'these worktrees belong to several repositories', 'name those of one')
    const how = tests.argv.length === 0 ? 'untested' : `when ${displayText(tests.argv.join(' '), 120)} is green`
    return {
      proposal: {
        ...{ verb: 'merge.run', class: 'reversible', origin: wish.origin, actor: wish.actor },
        target: { machineId: first.machine_id, agentId: null, subject: first.repo },
        params: {
          branches: rows.map((row) => row.branch),
          heads: seen.map((one) => headOf(one) ?? ''),

          base: first.base_branch,
          tests: tests.argv,
          tests_ms: tests.ms,
        },
        why: `merge ${rows.length === 1 ? first.branch : `${rows.length} worktrees`} into ${first.base_branch}, ${how}`,
      },
      shown: seen.map(
        ({ row, look }) =>
          `${row.branch} (${row.status}) in ${displayText(row.path, 200)}: ${'fix' in look ? look.message : `commit ${look.head?.slice(0, 12)}, ${look.changed + look.untracked} files not committed`}`,
      ),
      check: async () => null,
      async act() {
        const turns: Turn[] = []
        for (const one of seen) turns.push(await mergeOne(ports, one, tests))
        return resultOf(turns)
      },
    }
  }
