import * as z from 'zod'
import { type Candidate, type Recommendation, recommendAccount } from '../oracle/account-recommend.ts'
import { type AccountStanding, accountsLine } from '../oracle/account-standing.ts'
import { readStandings } from './account-facts.ts'
import { accountLine, toAccountLine, toWindowLine, windowLine } from './account-shapes.ts'
import { defineQuery, warning } from './define.ts'
import { atParam, momentOf } from './params.ts'

const candidate = z.object({
  provider: z.string(),
  account: z.string(),
  label: z.string().nullable(),
  usable: z.boolean(),
  headroom_pct: z.number().nullable(),
  reasons: z.array(z.string()).describe('what stands against it first, then each window that decides'),
  machine: z.string().nullable().describe('where the command is to be run'),
  command: z.string().nullable().describe('how to switch to it; null: see why_no_command'),
  why_no_command: z.string().nullable(),
})

const recommendation = z.object({
  provider: z.string(),
  use: candidate.nullable().describe('null: see why'),
  why: z.string().nullable(),
  others: z.array(candidate),
})

const toCandidate = (one: Candidate): z.input<typeof candidate> => ({
  provider: one.account.provider,
  account: one.account.account,
  label: one.account.label,
  usable: one.usable,
  headroom_pct: one.headroomPct,
  reasons: [...one.reasons],
  machine: one.command?.machine ?? null,
  command: one.command?.command ?? null,
  why_no_command: one.whyNoCommand,
})

const toRecommendation = (provider: string, said: Recommendation): z.input<typeof recommendation> => ({
  provider,
  use: said.is === 'use' ? toCandidate(said.best) : null,
  why: said.is === 'none' ? said.why : null,
  others: said.others.map(toCandidate),
})

const recommendations = (standings: readonly AccountStanding[], atMs: number): z.input<typeof recommendation>[] =>
  [...Map.groupBy(standings, (one) => one.provider)]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([provider, list]) => toRecommendation(provider, recommendAccount(list, atMs)))

/** One account is used from several machines and seen by several tools: joined by identity, never summed or averaged. */
export const accounts = defineQuery({
  name: 'accounts',
  version: 1,
  summary: 'Head-room left in every rate-limit window, with source and age, and which account to use next',
  sources: ['caam', 'caut', 'claude', 'codex'],
  params: z.strictObject({ ...atParam, provider: z.string().optional().describe('only this provider') }),
  data: z.object({
    windows: z.array(windowLine),
    accounts: z.array(accountLine),
    recommendations: z.array(recommendation).describe('by provider; only what was seen within 30 min counts'),
    line: z.string().nullable().describe('accounts near their limit in one line; null: none is'),
  }),
  example: {},
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const atMs = (at ?? ctx.now).getTime()
    const all = await readStandings(ctx, at)
    const standings = all.filter((one) => params.provider === undefined || one.provider === params.provider)
    const windows = standings.flatMap((one) => one.windows.map((window) => toWindowLine(window, one.label, atMs)))
    return {
      data: {
        windows: windows.sort((a, b) => (b.used_pct ?? -1) - (a.used_pct ?? -1)),
        accounts: standings.map(toAccountLine).sort((a, b) => (a.headroom_pct ?? 101) - (b.headroom_pct ?? 101)),
        recommendations: recommendations(standings, atMs),
        line: accountsLine(standings, atMs),
      },
      warnings: all.some((one) => one.windows.length > 0)
        ? []
        : [
            warning(
              'not_collected',
              'no rate-limit window has been observed yet',
              'use a subscription login in Claude Code or Codex; API keys carry no windows',
            ),
          ],
    }
  },
})
