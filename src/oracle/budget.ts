import { mean, quantile, sampleStandardDeviation } from 'simple-statistics'
import { probabilityWithin, Z80 } from './forecast/normal.ts'
import { FLEET, type Prediction } from './predictions.ts'

/** What was spent in one hour, by its start. */
export interface HourSpent {
  readonly ms: number
  readonly microusd: number
}

export interface SpendForecast {
  readonly spentMicrousd: number
  /** At the end of the period; null: fewer than three days of history. */
  readonly expectedMicrousd: number | null
  /** 80 % interval of it. */
  readonly interval: { readonly low: number; readonly high: number } | null
  /** Days it rests on. */
  readonly days: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MIN_DAYS = 3
const LOOK_BACK_DAYS = 14

export const dayStart = (at: Date): number => Math.floor(at.getTime() / DAY_MS) * DAY_MS
export const monthStart = (at: Date): number => Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1)
export const monthEnd = (at: Date): number => Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1)

const sumBetween = (hours: readonly HourSpent[], fromMs: number, toMs: number): number =>
  hours.reduce((sum, { ms, microusd }) => (ms >= fromMs && ms < toMs ? sum + microusd : sum), 0)

/** The days before today that vc saw: from the first hour that was ever used. */
const daysBefore = (hours: readonly HourSpent[], todayMs: number): readonly number[] => {
  const first = hours[0]?.ms
  if (first === undefined) return []
  const days: number[] = []
  for (let ms = todayMs - DAY_MS; ms >= todayMs - LOOK_BACK_DAYS * DAY_MS && ms + DAY_MS > first; ms -= DAY_MS)
    days.push(ms)
  // The first day was seen in part only.
  return days.filter((ms) => ms >= first)
}

/** Spending at the end of the UTC day: what is left of it, as it was on the days before. Hours oldest first, up to `at`. */
export const forecastDay = (hours: readonly HourSpent[], at: Date): SpendForecast => {
  const todayMs = dayStart(at)
  const spentMicrousd = sumBetween(hours, todayMs, at.getTime() + 1)
  const days = daysBefore(hours, todayMs)
  // The hour that runs counts with the part of it that is left.
  const intoMs = at.getTime() - todayMs
  const hourMs = Math.floor(intoMs / HOUR_MS) * HOUR_MS
  const left = 1 - (intoMs - hourMs) / HOUR_MS
  const rests = days.map(
    (day) =>
      left * sumBetween(hours, day + hourMs, day + hourMs + HOUR_MS) +
      sumBetween(hours, day + hourMs + HOUR_MS, day + DAY_MS),
  )
  if (rests.length < MIN_DAYS) return { spentMicrousd, expectedMicrousd: null, interval: null, days: rests.length }
  return {
    spentMicrousd,
    expectedMicrousd: Math.round(spentMicrousd + mean(rests)),
    interval: {
      low: Math.round(spentMicrousd + quantile(rests, 0.1)),
      high: Math.round(spentMicrousd + quantile(rests, 0.9)),
    },
    days: rests.length,
  }
}

/** Spending at the end of the calendar month (UTC): today's forecast and the days after it at the pace of the last two weeks. */
export const forecastMonth = (hours: readonly HourSpent[], at: Date): SpendForecast => {
  const todayMs = dayStart(at)
  const spentMicrousd = sumBetween(hours, monthStart(at), at.getTime() + 1)
  const today = forecastDay(hours, at)
  const totals = daysBefore(hours, todayMs).map((day) => sumBetween(hours, day, day + DAY_MS))
  const { expectedMicrousd: expected, interval } = today
  if (expected === null || interval === null)
    return { spentMicrousd, expectedMicrousd: null, interval: null, days: totals.length }
  const daysLeft = Math.max(0, Math.round((monthEnd(at) - todayMs) / DAY_MS) - 1)
  const sooner = spentMicrousd - today.spentMicrousd
  const centre = sooner + expected + daysLeft * mean(totals)
  // The mean of few days is itself uncertain, and each coming day differs.
  const sd = totals.length > 1 ? sampleStandardDeviation(totals) : 0
  const aside = Z80 * sd * Math.sqrt(daysLeft + daysLeft ** 2 / totals.length) + (interval.high - interval.low) / 2
  return {
    spentMicrousd,
    expectedMicrousd: Math.round(centre),
    interval: { low: Math.round(Math.max(spentMicrousd, centre - aside)), high: Math.round(centre + aside) },
    days: totals.length,
  }
}

/** The next `ahead` days after today (UTC), at the pace of the last two weeks: their sum, and what one of them is likely to be. */
export const forecastDays = (
  hours: readonly HourSpent[],
  at: Date,
  ahead: number,
): {
  readonly expectedMicrousd: number
  readonly perDayMicrousd: number
  readonly interval: { readonly low: number; readonly high: number }
  readonly days: number
} | null => {
  const totals = daysBefore(hours, dayStart(at)).map((day) => sumBetween(hours, day, day + DAY_MS))
  if (totals.length < MIN_DAYS) return null
  const perDay = mean(totals)
  const aside = Z80 * sampleStandardDeviation(totals) * Math.sqrt(ahead + ahead ** 2 / totals.length)
  return {
    expectedMicrousd: Math.round(ahead * perDay),
    perDayMicrousd: Math.round(perDay),
    interval: { low: Math.round(Math.max(0, ahead * perDay - aside)), high: Math.round(ahead * perDay + aside) },
    days: totals.length,
  }
}

export interface BudgetOutlook extends SpendForecast {
  readonly period: 'day' | 'month'
  readonly limitMicrousd: number
  readonly spentPct: number
  /** That it is overspent at the end of the period; null: not enough history. */
  readonly probabilityOver: number | null
  readonly endsAt: Date
  /** When it is used up at the expected pace; null: not within the period, or not known. */
  readonly usedUpAt: Date | null
}

export const budgetOutlook = (
  period: BudgetOutlook['period'],
  limitMicrousd: number,
  hours: readonly HourSpent[],
  at: Date,
): BudgetOutlook => {
  const said = period === 'day' ? forecastDay(hours, at) : forecastMonth(hours, at)
  const endsAt = new Date(period === 'day' ? dayStart(at) + DAY_MS : monthEnd(at))
  const { spentMicrousd: spent, expectedMicrousd: expected, interval } = said
  // A budget of nothing is overspent by the first cent, not by none.
  const over = limitMicrousd > 0 ? spent >= limitMicrousd : spent > 0
  const rest = expected === null ? null : expected - spent
  const share = rest === null || rest <= 0 ? null : (limitMicrousd - spent) / rest
  const usedUpMs = share === null || share > 1 || over ? null : at.getTime() + share * (endsAt.getTime() - at.getTime())
  return {
    ...said,
    period,
    limitMicrousd,
    spentPct: limitMicrousd > 0 ? (100 * spent) / limitMicrousd : over ? 100 : 0,
    probabilityOver: over ? 1 : probabilityOver(limitMicrousd, spent, expected, interval),
    endsAt,
    usedUpAt: over ? at : usedUpMs === null ? null : new Date(usedUpMs),
  }
}

// Spending is never negative and its surprises are large: its logarithm is what spreads evenly.
const probabilityOver = (
  limit: number,
  spent: number,
  expected: number | null,
  interval: SpendForecast['interval'],
): number | null => {
  if (expected === null || interval === null) return null
  const [rest, room] = [expected - spent, limit - spent]
  if (rest <= 0) return 0
  const [low, high] = [Math.max(1, interval.low - spent), Math.max(2, interval.high - spent)]
  const sigma = Math.max(0.05, Math.log(high / low) / (2 * Z80))
  return 1 - probabilityWithin(room, rest, sigma)
}

const MINUTE_MS = 60_000

/** As it is stored; null where there is too little history to foretell. */
export const storedBudget = (said: BudgetOutlook, at: Date): Prediction | null => {
  const { expectedMicrousd: expected, interval, probabilityOver: probability, usedUpAt, endsAt } = said
  if (expected === null || interval === null || said.spentMicrousd >= said.limitMicrousd) return null
  const action = probability !== null && probability >= 0.5 ? 'spend_less' : 'continue'
  return {
    kind: said.period === 'day' ? 'budget_day' : 'budget_month',
    machineId: FLEET,
    subject: said.period,
    madeAt: at,
    horizonAt: endsAt,
    outlook: 'forecast',
    valueMinutes: usedUpAt === null ? null : (usedUpAt.getTime() - at.getTime()) / MINUTE_MS,
    interval: null,
    probability,
    action,
    advice: { action },
    model: 'days-before',
    confidence: Math.min(1, said.days / 7),
    basis: {
      limit_microusd: said.limitMicrousd,
      spent_microusd: said.spentMicrousd,
      expected_microusd: expected,
      low_microusd: interval.low,
      high_microusd: interval.high,
      days: said.days,
    },
  }
}

/** Whether the budget was overspent by the end of its period, and when: hours of that period. */
export const whatCameOfBudget = (
  said: {
    readonly madeAt: Date
    readonly horizonAt: Date
    readonly period: BudgetOutlook['period']
    readonly limitMicrousd: number
  },
  hours: readonly HourSpent[],
): { readonly outcome: 'came' | 'stayed_away'; readonly actualMinutes: number | null } => {
  const madeMs = said.madeAt.getTime()
  const startMs = said.period === 'day' ? dayStart(said.madeAt) : monthStart(said.madeAt)
  let sum = 0
  for (const { ms, microusd } of hours) {
    if (ms < startMs || ms >= said.horizonAt.getTime()) continue
    sum += microusd
    if (sum >= said.limitMicrousd)
      return { outcome: 'came', actualMinutes: Math.max(0, (ms + HOUR_MS - madeMs) / MINUTE_MS) }
  }
  return { outcome: 'stayed_away', actualMinutes: null }
}
