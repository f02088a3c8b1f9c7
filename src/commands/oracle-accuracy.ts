import type { Reader } from '../core/carrier.ts'

/** One kind of forecast as `vc oracle accuracy` prints it. */
export interface KindAccuracy {
  readonly kind: string
  readonly scored: number
  readonly known: number
  readonly came: number
  readonly timed: number
  readonly median_relative_error: number | null
  readonly p90_relative_error: number | null
  readonly brier: number | null
  readonly coverage_80: number | null
  readonly calibration: readonly {
    readonly said_from: number
    readonly said_mean: number
    readonly came_share: number
    readonly n: number
  }[]
}

export interface OracleAnswer {
  readonly since: string
  readonly until: string
  readonly kinds: readonly KindAccuracy[]
  readonly backtests: readonly {
    readonly kind: string
    readonly ran_at: string
    readonly instants: number
    readonly outcomes: number
    readonly median_relative_error: number | null
    readonly p90_relative_error: number | null
    readonly brier: number | null
    readonly coverage_80: number | null
  }[]
}

const pct = (value: number | null): string => (value === null ? '-' : `${(value * 100).toFixed(1)} %`)
const brier = (value: number | null): string => (value === null ? '-' : value.toFixed(3))

export const ACCURACY_HEAD = ['kind', 'scored', 'outcome known', 'came', 'median error', 'p90', 'Brier', '80 % held']

/** Cells of one line, as in ACCURACY_HEAD. */
export const accuracyCells = (one: KindAccuracy): readonly string[] => [
  one.kind,
  String(one.scored),
  String(one.known),
  String(one.came),
  one.timed === 0 ? '-' : `${pct(one.median_relative_error)} (n ${one.timed})`,
  pct(one.p90_relative_error),
  brier(one.brier),
  pct(one.coverage_80),
]

/** `limit: said 23 %, came 25 % (n 40)` and so on; empty where no probability was compared. */
export const calibrationLines = (one: KindAccuracy): readonly string[] =>
  one.calibration.map(
    ({ said_mean, came_share, n }) => `  ${one.kind}: said ${pct(said_mean)}, came ${pct(came_share)} (n ${n})`,
  )

export const backtestLines = (answer: OracleAnswer): readonly string[] =>
  answer.backtests.map(
    (one) =>
      `nightly backtest of ${one.kind}, ${one.ran_at.slice(0, 16).replace('T', ' ')} UTC: ${one.instants} forecasts, ` +
      `${one.outcomes} outcomes known, median error ${pct(one.median_relative_error)}, p90 ${pct(one.p90_relative_error)}, ` +
      `Brier ${brier(one.brier)}, 80 % intervals held ${pct(one.coverage_80)}`,
  )

/** What the topic `oracle` says since then. */
export const readAccuracy = async (
  reader: Pick<Reader, 'ask'>,
  options: { readonly since?: string | undefined; readonly at?: string | undefined },
): Promise<{ readonly answer: OracleAnswer; readonly warnings: readonly string[] }> => {
  const params = {
    ...(options.since === undefined ? {} : { since: options.since }),
    ...(options.at === undefined ? {} : { at: options.at }),
  }
  const reply = await reader.ask({ topic: 'oracle', params })
  return { answer: reply.data as OracleAnswer, warnings: reply.warnings ?? [] }
}
