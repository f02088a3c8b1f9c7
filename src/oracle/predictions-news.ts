import { type Prediction, predictionKey } from './predictions.ts'

/** What was last stored under a key. */
export interface Told {
  readonly madeAtMs: number
  readonly outlook: string
  readonly action: string
}
export type ToldBefore = ReadonlyMap<string, Told>

/** A forecast that says the same is told again this often: its age and its score hang on it. */
const RETELL_MS = 5 * 60_000
/** Why nothing can be foretold is worth telling again only now and then. */
const RETELL_SILENCE_MS = 60 * 60_000

const isNews = (said: Prediction, before: Told | undefined): boolean => {
  if (before === undefined) return said.outlook !== 'unknown'
  if (before.outlook !== said.outlook || before.action !== said.action) return true
  const pause = said.outlook === 'forecast' ? RETELL_MS : RETELL_SILENCE_MS
  return said.madeAt.getTime() - before.madeAtMs >= pause
}

/** Forecasts that are worth a row. */
export const newsOf = (said: readonly Prediction[], before: ToldBefore): readonly Prediction[] =>
  said.filter((one) => isNews(one, before.get(predictionKey(one))))

/** A forecast that stands nobody's test any more is taken back by a row, so that no old one is shown as the present. */
export const takenBack = (
  kinds: readonly string[],
  said: readonly Prediction[],
  before: ToldBefore,
  at: Date,
): readonly Prediction[] => {
  const stands = new Set(said.map(predictionKey))
  return [...before].flatMap(([key, told]) => {
    const [machineId = '', kind = '', subject = ''] = key.split('\u0000')
    if (told.outlook !== 'forecast' || !kinds.includes(kind) || stands.has(key)) return []
    return [
      {
        kind: kind as Prediction['kind'],
        machineId,
        subject,
        madeAt: at,
        horizonAt: null,
        outlook: 'withdrawn',
        valueMinutes: null,
        interval: null,
        probability: null,
        action: 'continue',
        advice: { action: 'continue' },
        model: null,
        confidence: 0,
        basis: {},
      },
    ]
  })
}

export const toldOf = (said: Pick<Prediction, 'madeAt' | 'outlook' | 'action'>): Told => ({
  madeAtMs: said.madeAt.getTime(),
  outlook: said.outlook,
  action: said.action,
})
