const PRIVATE = 0o077

let usual: number | null = null

/**
 * From here on what this process makes is its owner's alone, wherever it lies: the database engine makes its files by
 * itself, its log again and again. Programs that do somebody's work start `asUsual`. Main thread only; once is enough.
 */
export const makePrivateFiles = (): void => {
  usual ??= process.umask(PRIVATE)
}

/** Starts a program whose files are not vc's (git, an agent's host, a notifier) with the umask vc itself was started with. */
export const asUsual = <T>(start: () => T): T => {
  if (usual === null) return start()
  process.umask(usual)
  try {
    return start()
  } finally {
    process.umask(PRIVATE)
  }
}
