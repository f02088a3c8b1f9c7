import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import type { Fault } from '../../core/faults.ts'
import type { CursorChange, RowBatch } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import { textCell } from '../row-cells.ts'
import { parseSections, type Section, toolPath, toolScript, troubleOf, warnUnknown } from '../tool-sections.ts'
import { toolVersion } from '../tool-version.ts'
import { eventsOf } from './feed.ts'
import { agentsBySession } from './names.ts'
import { convoyBatch, goneBatches, mergeRequestBatch, type PanesAround, townBatches, wholePicture } from './rows.ts'
import { GASTOWN_BODY } from './script.ts'
import { type GtStatus, parseGtStatus } from './status.ts'
import { isTownMemory, nextQuestion, type TownMemory } from './turns.ts'
import { parseConvoys, parseMergeRequests, parseRigPrefixes } from './work.ts'

const TESTED = '1.0.1'
const MAX_PLACES = 16

/** Towns of gastown: agents with their roles, hooks, convoys, merge queues, events and subjects of mail. */
export const gastown = defineCollector({
  name: 'gastown',
  version: '1.0.0',
  schemaVersion: 1,
  tables: [
    'gastown_towns',
    'gastown_agents',
    'gastown_hooks',
    'gastown_merge_queues',
    'gastown_merge_requests',
    'gastown_convoys',
    'gastown_mail',
    'gastown_events',
  ],
  interval: { localS: 120, remoteS: 120 },
  timeoutMs: 60_000,
  needs: [['gt']],
  tested: { gt: TESTED },
  reads: {
    commands: ['gt status --json --fast', 'gt convoy list --json', 'gt mq list RIG --json'],
    files: ['mayor/rigs.json', '.events.jsonl'],
  },
  about: 'Towns of gastown: agents by role, hooks, convoys, merge queues, events and subjects of mail, never bodies',
  async collect(ctx) {
    const memories = memoriesOf(ctx)
    const answer = await ctx.run({
      script: toolScript('gastown.towns', GASTOWN_BODY),
      args: [toolPath(ctx, 'gt'), ...(await places(ctx, memories))],
      timeoutMs: 50_000,
      maxBytes: 4 * 1024 * 1024,
      slow: true,
    })
    const parsed = parseSections(answer.stdout)
    const trouble = troubleOf(answer, parsed, 'gt')
    if (trouble !== null || parsed.is === 'no_begin') return trouble ?? { batches: [], fault: 'bad_output' }
    const { version, cursors } = await toolVersion(ctx, 'gt', TESTED)
    const around = await panesAround(ctx)
    const looks: TownLook[] = []
    for (const [name, section] of parsed.sections) {
      const index = /^town\.(\d+)$/.exec(name)?.[1]
      const town = section.out.trim()
      if (index === undefined || !town.startsWith('/')) continue
      const part = (kind: string): Section | undefined => parsed.sections.get(`${kind}.${index}`)
      looks.push(await lookAt(ctx, { town, part, memory: memories.get(town) ?? null, around }))
    }
    const whole = parsed.complete && answer.fault === null
    const gone = whole ? [...memories].filter(([town]) => !looks.some((look) => look.town === town)) : []
    const failed = looks.find(({ fault }) => fault !== null)
    const parts = [
      ...looks.flatMap(({ batches }) => batches),
      ...gone.flatMap(([town, memory]) => goneBatches(town, memory.queues)),
    ]
    const all = whole && looks.every(({ read }) => read) && looks.length + gone.length > 0
    return {
      batches: all ? wholePicture(parts) : parts,
      cursors: [
        ...cursors,
        ...looks.map(({ town, memory }): CursorChange => ({ key: `town:${town}`, value: memory })),
        ...gone.map(([town]): CursorChange => ({ key: `town:${town}`, value: null })),
      ],
      fault: failed?.fault ?? (whole ? null : (answer.fault ?? 'truncated')),
      detail: failed?.detail ?? (whole ? null : (answer.detail ?? 'the list of towns was cut off')),
      partial: looks.some(({ fault }) => fault === null) && (failed !== undefined || !whole),
      ...(version === null ? {} : { sourceVersion: version }),
    }
  },
})

const memoriesOf = (ctx: CollectContext): ReadonlyMap<string, TownMemory> =>
  new Map(
    [...ctx.cursors].flatMap(([key, value]) =>
      key.startsWith('town:') && isTownMemory(value) ? [[key.slice(5), value] as const] : [],
    ),
  )

/** Known towns with their next question, then where agents work: each may lie in a town vc has not seen. */
const places = async (ctx: CollectContext, memories: ReadonlyMap<string, TownMemory>): Promise<readonly string[]> => {
  const configured = Array.isArray(ctx.options.towns) ? ctx.options.towns.map(String) : []
  const dirs = (await ctx.known('latest_agent_processes')).map((row) => textCell(row.cwd))
  const isInside = (dir: string): boolean =>
    [...memories.keys()].some((town) => dir === town || dir.startsWith(`${town}/`))
  const fresh = [...new Set([...configured, ...dirs])].filter(
    (dir): dir is string => dir?.startsWith('/') === true && !/[\0\n]/.test(dir) && !isInside(dir),
  )
  return [
    ...[...memories].flatMap(([town, memory]) => [town, nextQuestion(memory)]),
    ...fresh.slice(0, MAX_PLACES).flatMap((dir) => [dir, 'convoys']),
  ]
}

const panesAround = async (ctx: CollectContext): Promise<PanesAround> => {
  const [panes, aliases] = await Promise.all([ctx.known('latest_pty_panes'), ctx.known('agent_aliases')])
  return {
    panes: panes.filter((row) => row.source === 'tmux'),
    agentIds: new Map(
      aliases.flatMap((row) => {
        const [alias, id] = [textCell(row.alias), textCell(row.agent_id)]
        return alias === null || id === null ? [] : [[alias, id] as const]
      }),
    ),
  }
}

interface TownText {
  readonly town: string
  readonly part: (kind: string) => Section | undefined
  readonly memory: TownMemory | null
  readonly around: PanesAround
}

interface TownLook {
  readonly town: string
  readonly batches: readonly RowBatch[]
  readonly memory: TownMemory
  /** Its status was read. */
  readonly read: boolean
  readonly fault: Fault | null
  readonly detail: string | null
}

const lookAt = async (ctx: CollectContext, text: TownText): Promise<TownLook> => {
  const { town, memory, around } = text
  const feed = await eventsOf(ctx, town, memory?.feed ?? null)
  const prefixes = parseRigPrefixes(text.part('rigs')?.out ?? '')
  const byName = agentsBySession(around.panes, town, prefixes)
  const read = readStatus(text.part('status'))
  const asked = memory === null ? 'convoys' : nextQuestion(memory)
  if (read.is === 'fault') {
    const kept: TownMemory = { queues: memory?.queues ?? [], turn: memory?.turn ?? 0, feed: feed.cursor }
    return {
      town,
      memory: kept,
      read: false,
      batches: feed.batches,
      fault: read.fault,
      detail: `${town}: ${read.detail}`,
    }
  }
  const { status } = read
  warnUnknown(ctx, 'gt', status.unknown)
  // gt's list leaves out boot and dogs; their sessions stand on the town's socket
  const told = new Set(status.agents.map(({ address }) => address))
  const agents = [...status.agents, ...byName.filter(({ address }) => !told.has(address))]
  const busy = status.queues.filter((queue) => (queue.pending ?? 0) + (queue.inFlight ?? 0) + (queue.blocked ?? 0) > 0)
  const emptied = (memory?.queues ?? []).filter((rig) => !busy.some((queue) => queue.rig === rig))
  const work = workBatches(ctx, text, asked)
  return {
    town,
    read: true,
    batches: [
      ...townBatches(town, { ...status, agents }, around),
      ...emptied.map((rig) => mergeRequestBatch(town, rig, [])),
      ...work.batches,
      ...feed.batches,
    ],
    memory: { queues: busy.map(({ rig }) => rig).slice(0, 64), turn: (memory?.turn ?? 0) + 1, feed: feed.cursor },
    fault: work.fault,
    detail: work.detail === null ? null : `${town}: ${work.detail}`,
  }
}

type Read = { readonly is: 'status'; readonly status: GtStatus } | ({ readonly is: 'fault' } & Trouble)

interface Trouble {
  readonly fault: Fault
  readonly detail: string
}

const troubleIn = (section: Section | undefined, what: string): Trouble | null => {
  if (section === undefined || section.code === null)
    return { fault: 'truncated', detail: `${what} did not come to its end` }
  if (section.code === 124) return { fault: 'timeout', detail: `${what} took more than 20 s` }
  if (section.code === 0) return null
  return { fault: 'exit_code', detail: displayText(`${what}: exit ${section.code}: ${section.err.trim()}`, 200) }
}

const readStatus = (section: Section | undefined): Read => {
  const trouble = troubleIn(section, 'gt status')
  if (trouble !== null) return { is: 'fault', ...trouble }
  const status = parseGtStatus(section?.out ?? '')
  if (status.is === 'status') return { is: 'status', status }
  return { is: 'fault', fault: 'bad_output', detail: 'not what gt status --json prints' }
}

const workBatches = (
  ctx: CollectContext,
  { town, part }: TownText,
  asked: string,
): CollectResult & { readonly fault: Fault | null; readonly detail: string | null } => {
  const rig = asked.startsWith('mq:') ? asked.slice(3) : null
  const what = rig === null ? 'gt convoy list' : `gt mq list ${rig}`
  const section = part(rig === null ? 'convoys' : 'mq')
  const trouble = troubleIn(section, what)
  // Without bd or a running Dolt gt knows no work; its status stands all the same.
  if (trouble?.fault === 'exit_code') {
    ctx.warn('gastown_work', `${town}: ${trouble.detail}`, 'see whether `bd` is on the PATH and Dolt runs there')
    return { batches: [], fault: null, detail: null }
  }
  if (trouble !== null) return { batches: [], ...trouble }
  const text = section?.out ?? ''
  const rows = rig === null ? parseConvoys(text) : parseMergeRequests(text, rig)
  if (rows === null) return { batches: [], fault: 'bad_output', detail: `not what ${what} --json prints` }
  return {
    batches: [rig === null ? convoyBatch(town, rows) : mergeRequestBatch(town, rig, rows)],
    fault: null,
    detail: null,
  }
}
