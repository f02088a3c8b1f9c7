/** A moment at which a tool's login on a machine was seen to be, or became, an account's; null: nobody is logged in. */
export interface LoginMark {
  readonly machine_id: string
  readonly provider: string
  readonly atMs: number
  readonly account_key: string | null
  readonly profile_name: string | null
}

interface ProfileSeen {
  readonly machine_id: string
  readonly provider: string
  readonly profile_name: string
  readonly account_key: string
  readonly active: boolean | null
  readonly logged_in: boolean | null
  readonly gone: boolean
  readonly collected_at: string
}

interface SwitchSeen {
  readonly machine_id: string
  readonly provider: string
  readonly profile_name: string | null
  readonly account_key: string | null
  readonly kind: string
  readonly ts: string
}

/** caam's words for a change of the login. */
export const SWITCHES: ReadonlySet<string> = new Set(['activate', 'switch'])

/**
 * Who was logged in when, by caam. A profile that is no longer active while the tool is still logged in is no mark: after
 * a token refresh the live file equals no vault copy though the account is the same, so the last known one stands.
 */
export const loginMarks = (profiles: readonly ProfileSeen[], events: readonly SwitchSeen[]): readonly LoginMark[] => {
  const seen = profiles.flatMap((row): LoginMark[] => {
    const { machine_id, provider, profile_name, account_key } = row
    const atMs = Date.parse(row.collected_at)
    if (row.active === true && !row.gone) return [{ machine_id, provider, atMs, account_key, profile_name }]
    if (row.logged_in === false) return [{ machine_id, provider, atMs, account_key: null, profile_name: null }]
    return []
  })
  const switched = events.flatMap(({ machine_id, provider, account_key, profile_name, kind, ts }): LoginMark[] =>
    SWITCHES.has(kind) && account_key !== null
      ? [{ machine_id, provider, atMs: Date.parse(ts), account_key, profile_name }]
      : [],
  )
  return [...seen, ...switched].sort((a, b) => a.atMs - b.atMs)
}

/** The login on a machine at a moment; null before the first mark and where nobody was logged in. */
export const loginAt = (
  marks: readonly LoginMark[],
  machineId: string,
  provider: string,
  atMs: number,
): LoginMark | null => {
  const mark = marks.findLast((one) => one.machine_id === machineId && one.provider === provider && one.atMs <= atMs)
  return mark === undefined || mark.account_key === null ? null : mark
}
