import type { Row } from '../../core/rows.ts'

/** `repo_id` of the innermost known checkout a working directory lies in, or null. */
export type RepoOf = (cwd: string | null) => string | null

/** Looks working directories up in the machine's `repos`: the longest path that is the directory or above it. */
export const repoFinder = (repos: readonly Row[]): RepoOf => {
  const byPath = new Map(repos.map((row) => [String(row.path), String(row.repo_id)]))
  const found = new Map<string, string | null>()
  const look = (cwd: string): string | null => {
    for (let path = cwd; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
      const repo = byPath.get(path)
      if (repo !== undefined) return repo
    }
    return byPath.get('/') ?? null
  }
  return (cwd) => {
    if (cwd === null || byPath.size === 0) return null
    const known = found.get(cwd)
    if (known !== undefined) return known
    const repo = look(cwd)
    found.set(cwd, repo)
    return repo
  }
}
