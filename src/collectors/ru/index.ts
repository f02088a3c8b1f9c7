import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import { displayText } from '../../core/text.ts'
import {
  parseSections,
  type Section,
  type ToolText,
  toolPath,
  troubleOf,
  warnUnknown,
  warnUntested,
} from '../tool-sections.ts'
import { newFields, parseListing, type RuListing, repoOf, specsOf } from './parse.ts'
import { repoRow, statusRow } from './rows.ts'
import { ruScript } from './script.ts'

const TESTED = '1.3.1'

/** The repositories that ru keeps, as it sees them without asking the network. */
export const ru = defineCollector({
  name: 'ru',
  version: '1.0.0',
  schemaVersion: 1,
  tables: ['repos', 'repo_status_snapshots'],
  interval: { localS: 300, remoteS: 300 },
  timeoutMs: 80_000,
  needs: [['ru']],
  tested: { ru: TESTED },
  reads: {
    commands: [
      'ru list --json --non-interactive --format json',
      'ru status --no-fetch --json --non-interactive --format json',
    ],
  },
  about: 'Repositories that ru keeps: branch, dirt, distance to upstream at the last fetch; it never fetches for vc',
  async collect(ctx) {
    const ask = { script: ruScript(), args: [toolPath(ctx, 'ru')], timeoutMs: 76_000, maxBytes: 2 * 1024 * 1024 }
    const answer = await ctx.run({ ...ask, slow: true })
    const parsed = parseSections(answer.stdout)
    const trouble = troubleOf(answer, parsed, 'ru')
    if (trouble !== null || parsed.is === 'no_begin') return trouble ?? { batches: [], fault: 'bad_output' }
    if (!parsed.complete)
      return {
        batches: [],
        fault: answer.fault ?? 'truncated',
        detail: answer.detail ?? 'the answer of ru was cut off',
      }
    return resultOf(ctx, parsed)
  },
})

const failed = (command: string, { code, err }: Section): CollectResult | null => {
  if (code === 0) return null
  const words = displayText(err.trim().split('\n')[0] ?? '', 160)
  if (code === 124 || code === 137) return { batches: [], fault: 'timeout', detail: `ru ${command} took too long` }
  return {
    batches: [],
    fault: 'exit_code',
    detail: `ru ${command} ended with ${code}${words === '' ? '' : `: ${words}`}`,
  }
}

const listingOf = (text: ToolText, command: 'list' | 'status'): RuListing | CollectResult => {
  const section = text.sections.get(command)
  if (section === undefined) return { batches: [], fault: 'bad_output', detail: `ru ${command} left no answer` }
  const ended = failed(command, section)
  if (ended !== null) return ended
  // nothing at all, and no complaint: that is how ru says that no repository is configured
  if (section.out.trim() === '')
    return { batches: [], fault: 'not_configured', detail: 'ru has no repositories; add some with: ru add owner/name' }
  const listing = parseListing(section.out, command)
  return (
    listing ?? { batches: [], fault: 'bad_output', detail: `ru ${command} printed something else than its listing` }
  )
}

const resultOf = async (ctx: CollectContext, text: ToolText): Promise<CollectResult> => {
  const list = listingOf(text, 'list')
  if ('batches' in list) return list
  const status = listingOf(text, 'status')
  if ('batches' in status) return status
  const read = status.rows.map(repoOf)
  const repos = read.filter((repo) => repo !== null)
  const lost = status.skipped + read.length - repos.length
  if (repos.length === 0 && lost > 0)
    return {
      batches: [],
      fault: 'bad_output',
      detail: `none of ${lost} rows of ru status names a repository and a path`,
    }
  if (lost > 0)
    ctx.warn('ru_rows', `${lost} rows of ru status were unreadable and left out`, 'run: ru status --no-fetch --json')
  warnUntested(ctx, 'ru', status.version, TESTED)
  warnUnknown(ctx, 'ru', newFields(status))
  const [known, statuses] = await Promise.all([ctx.known('repos'), ctx.known('latest_repo_status_snapshots')])
  const around = {
    machineId: ctx.machine.id,
    at: ctx.startedAt,
    specs: specsOf(list),
    repos: new Map(known.map((row) => [String(row.path), row])),
    seenByGit: new Set(
      statuses.filter((row) => row.source === 'git' && row.state === 'ok').map((row) => String(row.path)),
    ),
  }
  const rows = repos.map((repo) => repoRow(repo, around)).filter((row) => row !== null)
  return {
    batches: [
      ...(rows.length > 0 ? [{ table: 'repos', rows }] : []),
      { table: 'repo_status_snapshots', rows: repos.map((repo) => statusRow(repo, around)) },
    ],
    ...(lost > 0 ? { partial: true } : {}),
    ...(status.version === null ? {} : { sourceVersion: status.version }),
  }
}
