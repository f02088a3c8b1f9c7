import { decodeUtf8 } from '../../core/text.ts'
import { parseStatus, type RepoStatus } from './status.ts'

export type RepoState = 'ok' | 'not_a_repo' | 'bare' | 'dubious_ownership' | 'missing' | 'failed'

/** Commits of the last 30 days, counted on the machine: no names, no addresses. */
export interface Activity {
  readonly authors: number
  /** Days since 1970 (UTC) to commits, as pairs. */
  readonly days: readonly (readonly [number, number])[]
}

/** What depends on the head commit and the day only. */
export interface Counted {
  readonly committedS: number | null
  readonly commits7d: number | null
  readonly commits30d: number | null
  /** Null: no commit yet, or they could not be listed. */
  readonly activity: Activity | null
  /** `remote.origin.url` as configured, secrets and all: redact before it goes anywhere. */
  readonly url: string | null
}

export type RepoText =
  | { readonly is: 'same' }
  | { readonly is: 'error'; readonly state: Exclude<RepoState, 'ok'> }
  | {
      readonly is: 'repo'
      readonly top: string
      readonly worktree: boolean
      readonly fetchedS: number | null
      /** Null: unchanged since vc counted today. */
      readonly counted: Counted | null
      /** Null: status failed or was cut off. */
      readonly status: RepoStatus | null
      readonly oid: string | null
    }

export interface GitText {
  readonly is: 'git'
  readonly version: string | null
  /** In the order the directories were sent. */
  readonly repos: ReadonlyMap<number, RepoText>
  readonly complete: boolean
}

export type GitParse = GitText | { readonly is: 'no_begin' }

/** Cuts the answer by its own nonce. Never throws; a repository that cannot be read is `failed`. */
export const parseGit = (stdout: Uint8Array): GitParse => {
  const text = decodeUtf8(stdout)
  const begin = /^vc-git 1 ([0-9a-f]{16}) ([^\n]*)\n/.exec(text)
  if (!begin) return { is: 'no_begin' }
  const [, nonce = '', version = ''] = begin
  const parts = text.split(`\u001e${nonce} `).slice(1)
  const complete = parts.at(-1) === 'end'
  const repos = new Map<number, RepoText>()
  for (const part of complete ? parts.slice(0, -1) : parts) {
    const [head = '', ...fields] = part.split(`\u001f${nonce}`)
    const index = /^R (\d{1,5})$/.exec(head)?.[1]
    if (index !== undefined) repos.set(Number(index), repoOf(fields))
  }
  return { is: 'git', version: /^git version (\S{1,40})/.exec(version)?.[1] ?? null, repos, complete }
}

const repoOf = ([kind, ...fields]: readonly string[]): RepoText => {
  if (kind === 'same') return { is: 'same' }
  if (kind !== 'repo') return { is: 'error', state: kind === 'error' ? stateOf(fields[1] ?? '') : 'failed' }
  const [top = '', worktree, fetched, oid = '', how, ...rest] = fields
  if (top === '') return { is: 'error', state: 'failed' }
  const counted = how === 'counted' ? rest.slice(0, 5) : null
  const [status, code] = rest.slice(counted === null ? 0 : 5)
  return {
    is: 'repo',
    top,
    worktree: worktree === '1',
    fetchedS: wholeOf(fetched),
    counted: counted === null ? null : countedOf(counted),
    status: code === '0' && status !== undefined ? parseStatus(status) : null,
    oid: /^[0-9a-f]{40,64}$/.test(oid) ? oid : null,
  }
}

const countedOf = ([committed, week, month, url, active]: readonly string[]): Counted => ({
  committedS: wholeOf(committed),
  commits7d: countOf(week),
  commits30d: countOf(month),
  url: url === undefined || url === '' ? null : url,
  // without a head commit there is nothing to list, and the empty list is no count
  activity: wholeOf(committed) === null ? null : activityOf(active ?? ''),
})

const MAX_DAYS = 40

const activityOf = (text: string): Activity | null => {
  const [authors = '', ...days] = text.split(' ')
  const count = /^a(\d{1,9})$/.exec(authors)?.[1]
  if (count === undefined) return null
  const pairs = days.slice(0, MAX_DAYS).flatMap((pair): (readonly [number, number])[] => {
    const [, day, commits] = /^(\d{1,12}):(\d{1,9})$/.exec(pair) ?? []
    return day === undefined || commits === undefined ? [] : [[Math.floor(Number(day) / 86_400), Number(commits)]]
  })
  return { authors: Number(count), days: pairs }
}

const wholeOf = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : null

const countOf = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null

// `<is-bare> <git's own words>`, in the C locale
const stateOf = (words: string): Exclude<RepoState, 'ok'> => {
  if (words.includes('dubious ownership')) return 'dubious_ownership'
  if (/cannot change to .*: (No such file or directory|Not a directory)/s.test(words)) return 'missing'
  if (words.includes('not a git repository')) return 'not_a_repo'
  if (words.startsWith('true ') && words.includes('must be run in a work tree')) return 'bare'
  return 'failed'
}
