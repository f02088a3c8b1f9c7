import * as z from 'zod'
import { usageError } from '../core/errors.ts'
import { suggestName } from '../core/nearest.ts'
import { shellWord } from '../core/shell-word.ts'
import { displayText } from '../core/text.ts'
import { SEARCH_KINDS, type SearchHit, type SearchKind, searchKind } from '../store/index.ts'
import { defineQuery } from './define.ts'
import { isoTime } from './shapes.ts'

const hitLine = z.object({
  kind: z.enum(SEARCH_KINDS),
  machine: z.string().nullable(),
  subject: z.string().describe('id of what was found'),
  field: z.string().describe('where the text stands'),
  value: z.string(),
  at: isoTime.nullable(),
  rank: z.number().int().min(0).max(3).describe('0 whole value, 1 its beginning, 2 beginning of a word, 3 anywhere'),
  leads_to: z.string().describe('command that shows more'),
})

const EVENT_DAYS = 30
const MAX_TEXT = 200

const onMachine = (hit: SearchHit): string => (hit.machine_id === null ? '' : ` --machine ${shellWord(hit.machine_id)}`)

const LEADS: Readonly<Record<SearchKind, (hit: SearchHit) => string>> = {
  machine: (hit) => `vc robot machine ${shellWord(hit.subject)}`,
  agent: (hit) => `vc explain ${shellWord(hit.subject)}`,
  session: (hit) =>
    hit.extra === null
      ? `vc robot sessions${onMachine(hit)}${hit.at === null ? '' : ` --since ${hit.at}`}`
      : `vc explain ${shellWord(hit.extra)}`,
  terminal: (hit) => `vc robot ptys${onMachine(hit)}`,
  repo: (hit) => `vc robot repos${onMachine(hit)}`,
  alert: (hit) =>
    hit.extra === 'resolved' ? `vc robot events --type alert --since 30d${onMachine(hit)}` : 'vc robot triage',
  account: (hit) => `vc robot accounts${hit.extra === null ? '' : ` --provider ${shellWord(hit.extra)}`}`,
  event: (hit) => {
    // the moment itself is left out by `events`, so a second before it
    const since = hit.at === null ? '30d' : new Date(Date.parse(hit.at) - 1000).toISOString()
    return `vc robot events --since ${since}${onMachine(hit)}`
  },
}

const kindsOf = (text: string | undefined): readonly SearchKind[] => {
  if (text === undefined) return SEARCH_KINDS
  return text.split(',').map((word) => {
    const kind = SEARCH_KINDS.find((known) => known === word.trim())
    if (kind !== undefined) return kind
    throw usageError(
      'unknown_kind',
      `nothing of kind “${displayText(word, 40)}” is searched`,
      suggestName(word, SEARCH_KINDS),
    )
  })
}

const textOf = (text: string): string => {
  const wanted = text.trim()
  if (wanted !== '' && wanted.length <= MAX_TEXT) return wanted
  throw usageError(
    'bad_text',
    wanted === '' ? 'there is no text to look for' : `the text is longer than ${MAX_TEXT} characters`,
    'vc search "limits"',
  )
}

/** The same text in all that vc itself knows; what agents wrote and read is not among it (vc search --content asks cass). */
export const search = defineQuery({
  name: 'search',
  version: 1,
  summary: 'What holds a text: machines, agents, sessions, terminals, repos, alerts, accounts and events',
  params: z.strictObject({
    id: z.string().describe('the text, as it stands, without regard to case'),
    kind: z
      .string()
      .optional()
      .describe(`comma-separated: ${SEARCH_KINDS.join(',')}`),
    machine: z.string().optional().describe('only this machine'),
    limit: z.coerce.number().int().min(1).max(500).default(30),
  }),
  data: z.object({ hits: z.array(hitLine), more: z.boolean().describe('there are more hits than limit') }),
  example: { id: 'limits' },
  async load(params, ctx) {
    const text = textOf(params.id)
    const eventsSince = new Date(ctx.now.getTime() - EVENT_DAYS * 86_400_000)
    const question = { text, machineId: params.machine, limit: params.limit + 1, eventsSince }
    const kinds = kindsOf(params.kind)
    const found = await Promise.all(
      kinds.map(async (kind) => (await searchKind(ctx.db, kind, question)).map((hit) => ({ kind, hit }))),
    )
    const all = found.flat().sort((a, b) => a.hit.rank - b.hit.rank)
    const hits = all.slice(0, params.limit).map(({ kind, hit }) => ({
      kind,
      machine: hit.machine_id,
      subject: hit.subject,
      field: hit.field,
      value: hit.value,
      at: hit.at,
      rank: Number(hit.rank),
      leads_to: LEADS[kind](hit),
    }))
    return { data: { hits, more: all.length > hits.length } }
  },
})
