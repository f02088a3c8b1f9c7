/** `git status --porcelain=v2 --branch --show-stash -z` counted; names of files are not kept. */
export interface RepoStatus {
  /** Null: detached, or the records were cut off before they said. */
  readonly branch: string | null
  readonly detached: boolean
  /** Null on a branch without a commit. */
  readonly headOid: string | null
  readonly upstream: string | null
  readonly upstreamGone: boolean
  readonly ahead: number | null
  readonly behind: number | null
  readonly staged: number
  readonly unstaged: number
  readonly untracked: number
  readonly conflicted: number
  readonly stashes: number
}

interface Counting {
  readonly heads: Map<string, string>
  staged: number
  unstaged: number
  untracked: number
  conflicted: number
}

/** Reads the NUL-separated records; unknown letters are ignored. Never throws. */
export const parseStatus = (text: string): RepoStatus => {
  const seen: Counting = { heads: new Map(), staged: 0, unstaged: 0, untracked: 0, conflicted: 0 }
  const records = text.split('\0')
  for (let at = 0; at < records.length; at += 1) {
    const record = records[at] ?? ''
    count(record, seen)
    if (record.startsWith('2 ')) at += 1 // a rename's old path is a field of its own
  }
  const { heads, ...counts } = seen
  const head = heads.get('branch.head') ?? null
  const oid = heads.get('branch.oid') ?? ''
  const upstream = heads.get('branch.upstream') ?? null
  const apart = /^\+(\d{1,9}) -(\d{1,9})$/.exec(heads.get('branch.ab') ?? '')
  const stashes = heads.get('stash') ?? '0'
  return {
    branch: head === '(detached)' ? null : head,
    detached: head === '(detached)',
    headOid: /^[0-9a-f]{40,64}$/.test(oid) ? oid : null,
    upstream,
    upstreamGone: upstream !== null && apart === null,
    ahead: apart === null ? null : Number(apart[1]),
    behind: apart === null ? null : Number(apart[2]),
    ...counts,
    stashes: /^\d{1,6}$/.test(stashes) ? Number(stashes) : 0,
  }
}

const count = (record: string, into: Counting): void => {
  const head = /^# ([a-z.]+) (.*)$/s.exec(record)
  if (head?.[1] !== undefined) into.heads.set(head[1], head[2] ?? '')
  else if (record.startsWith('? ')) into.untracked += 1
  else if (record.startsWith('u ')) into.conflicted += 1
  else if (/^[12] ../.test(record)) {
    if (record[2] !== '.') into.staged += 1
    if (record[3] !== '.') into.unstaged += 1
  }
}
