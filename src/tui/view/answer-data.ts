import type * as z from 'zod'
import type { ScreenView } from '../screen.ts'

/** The shape of a topic's answer: `DataOf<typeof machines>` of a type-only import, so that no query is loaded for it. */
export type DataOf<Query extends { readonly data: z.ZodType }> = z.output<Query['data']>

/** What was answered last under this name; null while nothing was. */
export const dataOf = <Data>(view: ScreenView, as: string): Data | null => {
  const data = view.answers[as]?.data
  return data === undefined || data === null ? null : (data as Data)
}
