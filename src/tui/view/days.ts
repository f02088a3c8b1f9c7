const DAY_MS = 86_400_000

/**
 * Each day (UTC) from the first that has a row to that of `now`, with its row where it has one: a curve over the days with use
 * alone would set days apart by weeks side by side, and end on a day that is long over.
 */
export const everyDay = <Row extends { readonly key: string | null }>(
  rows: readonly Row[],
  now: Date,
): readonly { readonly at: string; readonly row: Row | null }[] => {
  const known = new Map(rows.map((row) => [row.key, row]))
  const first = Math.min(...rows.map(({ key }) => Date.parse(`${key}T00:00:00Z`)).filter((ms) => !Number.isNaN(ms)))
  const days: { at: string; row: Row | null }[] = []
  for (let ms = first; ms <= now.getTime(); ms += DAY_MS) {
    const at = new Date(ms).toISOString()
    days.push({ at, row: known.get(at.slice(0, 10)) ?? null })
  }
  return days
}
