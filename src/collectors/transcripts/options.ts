import type { CollectContext } from '../../core/collector.ts'
import type { HomeOptions } from './homes.ts'
import type { ListPayload } from './scan.ts'

export const numberOption = (value: unknown, fallback: number): number =>
  typeof value === 'number' && value > 0 ? value : fallback

/** `[collectors.<name>] homes = […]` and `other_users = true`, both optional. */
export const homeOptions = (options: CollectContext['options']): HomeOptions => ({
  homes: Array.isArray(options.homes) ? options.homes.filter((home): home is string => typeof home === 'string') : [],
  otherUsers: options.other_users === true,
})

/** What a job module is asked in order to list the transcripts of this machine. */
export const listPayload = (options: CollectContext['options']): ListPayload => ({
  do: 'list',
  ...homeOptions(options),
})
