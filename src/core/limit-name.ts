// A provider's own bucket, which needs no name beside its window; another one is of a model or of extra money.
const MAIN = new Set(['', 'claude', 'codex', 'gemini'])

// Of other providers a bucket is called as the provider itself, where it is their only one.
const isMain = (provider: string, limit: string): boolean => MAIN.has(limit) || limit.toLowerCase() === provider

/** A rate-limit window as people tell it: `5h`, or `5h codex_spark` where it is of a bucket of its own (cut, it is still a window). */
export const limitName = (provider: string, limit: string, window: string): string => {
  if (isMain(provider, limit)) return window
  return window === 'unknown' ? limit : `${window} ${limit}`
}

/** Whether a window is the account's own: what fills the one of a model, or of extra money, leaves the others to go on with. */
export const isOwnLimit = (provider: string, limit: string, window: string): boolean =>
  isMain(provider, limit) && (window === '5h' || window === '7d' || /^\d+m$/.test(window))
