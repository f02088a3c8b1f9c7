import * as z from 'zod'
import { machineOfScope } from '../core/advice-scope.ts'
import type { Reader, Reply } from '../core/carrier.ts'
import { nameList } from '../core/nearest.ts'
import { displayText } from '../core/text.ts'
import { alikeOnce } from './fleet-next.ts'
import { type FleetLine, fleetCells, fleetList, isUnseen, legend, type MachineSpend, paintCell } from './fleet-table.ts'
import type { Paint } from './io.ts'
import { isOfStore } from './say-warnings.ts'
import { tableText } from './table.ts'
import { shortened } from './text-width.ts'

/** What the fleet screen is made of: answers of the one query layer. */
export interface FleetAnswers {
  readonly machines: Reply
  readonly usage: Reply
  readonly triage: Reply
  /** Null: not among the last words of a silent daemon. */
  readonly accounts: Reply | null
  readonly beads: Reply | null
}

const SHOWN = 5
/** Enough to find what is different behind what is alike, and what asks for one machine behind what asks for all others. */
const EVERYTHING = 200

/** What a silent daemon wrote down of the screen, in the very words it was written down for. */
const askLastWords = async (reader: Reader, brief: boolean): Promise<FleetAnswers> => {
  const [machines, usage, triage] = await Promise.all([
    reader.ask({ topic: 'machines', params: {} }),
    reader.ask({ topic: 'usage', params: { since: 'today', by: 'machine' } }),
    reader.ask({ topic: 'triage', params: brief ? { limit: SHOWN } : {} }),
  ])
  return { machines, usage, triage, beads: null, accounts: null }
}

/** `brief`: no more of triage than is shown of a fleet without anything alike. */
export const askFleet = async (reader: Reader, at?: string, brief = false): Promise<FleetAnswers> => {
  const lastWords = reader.carrier === 'state_file' && at === undefined ? await askLastWords(reader, brief) : null
  // One that was only busy has answered: then it can be asked the rest.
  if (lastWords?.machines.warnings?.some((text) => LAST_WORDS.test(text))) return lastWords
  const when = at === undefined ? {} : { at }
  const [machines, usage, triage, beads, accounts] = await Promise.all([
    reader.ask({ topic: 'machines', params: when }),
    reader.ask({ topic: 'usage', params: { since: 'today', by: 'machine', ...when } }),
    reader.ask({ topic: 'triage', params: { limit: brief ? SHOWN : EVERYTHING, ...when } }),
    reader.ask({ topic: 'beads', params: { limit: 0, ...when } }),
    reader.ask({ topic: 'accounts', params: when }),
  ])
  return { machines, usage, triage, beads, accounts }
}

const machinesData = z.object({ machines: z.array(z.custom<FleetLine>()) })
const usageData = z.object({ groups: z.array(z.custom<MachineSpend & { key: string | null }>()) })
const triageData = z.object({
  recommendations: z.array(z.looseObject({ id: z.string(), title: z.string(), action: z.string(), scope: z.string() })),
  suggested_commands: z.array(z.looseObject({ command: z.string() })),
})

const beadsData = z.object({
  totals: z.object({
    projects: z.number(),
    issues: z.number(),
    ready: z.number(),
    blocked: z.number(),
    in_progress: z.number(),
  }),
})

/** One line, or none where no project has issues. */
const beadsLine = (reply: Reply | null): string[] => {
  if (reply === null) return []
  const { projects, issues, ready, blocked, in_progress } = beadsData.parse(reply.data).totals
  if (issues === 0) return []
  return [
    `beads: ${ready} ready, ${blocked} blocked, ${in_progress} in progress in ${projects} project${projects === 1 ? '' : 's'}`,
  ]
}

const accountsData = z.object({ line: z.string().nullable() })

const accountsPart = (reply: Reply | null, paint: Paint): string[] => {
  const line = accountsData.safeParse(reply?.data).data?.line ?? null
  return line === null
    ? []
    : [`${paint('warn', `accounts: ${displayText(line, 200)}`)}${paint('dim', '  (vc account list)')}`]
}

const todo = (triage: z.output<typeof triageData>, paint: Paint): string[] =>
  alikeOnce(triage.recommendations)
    .slice(0, SHOWN)
    .map(({ first, index, more }, i) => {
      const command = triage.suggested_commands[index]?.command
      const title = shortened(displayText(first.title, 1000), 110)
      const like = more === 0 ? '' : `, and ${more} more like it`
      return `  ${i + 1}. ${title}${like} → ${first.action}${command ? paint('dim', `  (${displayText(command)})`) : ''}`
    })

/** What is said of one machine alone; what the fleet spends and how full accounts are stays what it is. */
export const narrowedTo = (answers: FleetAnswers, only: string): FleetAnswers => {
  const { recommendations, suggested_commands } = triageData.parse(answers.triage.data)
  const mine = recommendations.flatMap((one, i) => (machineOfScope(one.scope) === only ? [i] : []))
  const triage = {
    recommendations: mine.map((i) => recommendations[i]),
    suggested_commands: mine.map((i) => suggested_commands[i]),
  }
  const machines = machinesData.parse(answers.machines.data).machines.filter(({ id }) => id === only)
  return {
    ...answers,
    machines: { ...answers.machines, data: { ...(answers.machines.data as object), machines } },
    triage: { ...answers.triage, data: triage },
  }
}

const notLoadedIn = ({ machines }: FleetAnswers): readonly string[] => machines.notLoaded ?? []

/** Whether a machine of the configuration has no line yet. */
export const lacksMachines = (answers: FleetAnswers): boolean =>
  notLoadedIn(answers).length > 0 || (answers.machines.warnings?.some((text) => NOT_LOOKED.test(text)) ?? false)

const unseenWords = (answers: FleetAnswers, id: string, past: boolean): string => {
  if (past) return 'nothing had looked at it by then'
  return notLoadedIn(answers).includes(id)
    ? 'not loaded: it stands in a file that changed since (vc config reload)'
    : 'never reached: nothing has looked at it yet'
}

/** The answers with a line for a machine of the configuration that has none. */
export const withUnseen = (answers: FleetAnswers, id: string, past: boolean): FleetAnswers => {
  const line: FleetLine = {
    id,
    status: 'unknown',
    age_s: null,
    stale: true,
    cpu_pct: null,
    mem_pct: null,
    disk_used_pct: null,
    load5: null,
    cores: null,
    agents: {},
    top_issue: unseenWords(answers, id, past),
  }
  const { machines } = machinesData.parse(answers.machines.data)
  const data = { ...(answers.machines.data as object), machines: [...machines, line] }
  return { ...answers, machines: { ...answers.machines, data } }
}

const NOT_LOOKED = /^not_looked_yet: /

// These stand in the line of their machine already.
const IN_THE_TABLE = /^(no_usage: |never_reached: |first_look: |offline: |stale: nothing was heard from )/
// A picture of the past says so above everything else, and so do the last words of a daemon that fell silent.
const PAST = /^past: (.*) \(.*\)$/
const LAST_WORDS = /^state_file: (.*)$/
const REFUSED = /^config_refused: /

const headOf = (warnings: readonly string[] = []): string | null => {
  for (const text of warnings) {
    const [past, silent] = [PAST.exec(text)?.[1], LAST_WORDS.exec(text)?.[1]]
    if (past !== undefined) return `THE PAST: ${past}`
    if (silent !== undefined) return `NOT NOW: ${silent}`
  }
  return null
}

/** What the numbers of spending mean, as far as they are there. */
const spendWords = (head: readonly string[]): string => {
  const shown = ['TOKENS', 'COST'].filter((column) => head.includes(column)).map((column) => column.toLowerCase())
  return shown.length === 0 ? '' : `   ${shown.join(' and ')}: today (UTC), API-equivalent`
}

interface ScreenOptions {
  /** Only this machine. */
  readonly only?: string | undefined
  /** That the configuration is refused was said already. */
  readonly refusalSaid?: boolean
  /** Columns of the terminal; without it nothing is left out. */
  readonly width?: number | undefined
}

// An alert comes a little after the fact: until then it must not sound as if all were well.
const silence = (lines: readonly FleetLine[]): string | null => {
  const [first, ...more] = lines
  if (first === undefined) return null
  const who = more.length === 0 ? `${first.id} does` : `${first.id} and ${more.length} more do`
  return `${who} not answer (vc machines probe ${first.id})`
}

/** Without a daemon nobody looks, and in the past nobody does any more. */
const NOBODY_LOOKS = /^(embedded|state_file|past): /

const firstLook = (lines: readonly FleetLine[]): string | null => {
  const [first, ...more] = lines
  if (first === undefined) return null
  return `the first look at ${first.id}${more.length === 0 ? '' : ` and ${more.length} more`} is under way`
}

/** What is not known yet, and why. */
const unheardOf = (all: FleetAnswers, lines: readonly FleetLine[]): string => {
  const quiet = lines.filter(({ status }) => status === 'offline' || status === 'unknown')
  const looking = !all.machines.warnings?.some((text) => NOBODY_LOOKS.test(text))
  const isAwaited = (line: FleetLine): boolean => looking && isUnseen(line)
  const parts = [silence(quiet.filter((line) => !isAwaited(line))), firstLook(quiet.filter(isAwaited))]
  const told = parts.filter((part) => part !== null)
  return told.length === 0 ? '' : ` yet, but ${told.join(', and ')}`
}

/** What stands where nothing is to be done, as far as is known. */
const nothingToDo = (all: FleetAnswers, lines: readonly FleetLine[], only: string | undefined): string => {
  if (all.machines.warnings?.some(isOfStore))
    return 'Next: mend what the note says of the data of vc; until then nothing new is kept.'
  const waiting = notLoadedIn(all).filter((id) => only === undefined || id === only)
  if (waiting.length > 0)
    return `Next: let vc take its configuration up (vc config reload); nothing is known yet of ${nameList(waiting)}.`
  const unheard = only === undefined ? lacksMachines(all) : lines.every(isUnseen)
  if (unheard) return `Next: let vc look first; nothing is known yet of ${only ?? 'what the note names'}.`
  if (all.machines.warnings?.some((text) => LAST_WORDS.test(text)))
    return `Next: let the daemon answer again; nothing else asked for you${only === undefined ? '' : ` on ${only}`} then.`
  return `Next: nothing asks for you${only === undefined ? '' : ` on ${only}`}${unheardOf(all, lines)}.`
}

/** The table a tired person can read: machines, what they spend today, what to do next, and what is not known. */
export const fleetScreen = (all: FleetAnswers, paint: Paint, options: ScreenOptions = {}): string => {
  const { only, width, refusalSaid = false } = options
  const answers = only === undefined ? all : narrowedTo(all, only)
  const { machines: lines } = machinesData.parse(answers.machines.data)
  const spend = new Map(usageData.parse(answers.usage.data).groups.map((group) => [group.key, group]))
  const { head, rows, fits } = fleetCells(lines, spend, width || undefined)
  const painted = rows.map((row) => row.map((cell) => paintCell(paint, { ...cell, text: displayText(cell.text, 120) })))
  const todos = todo(triageData.parse(answers.triage.data), paint)
  const isElsewhere = (text: string): boolean =>
    [IN_THE_TABLE, PAST, LAST_WORDS].some((told) => told.test(text)) || (refusalSaid && REFUSED.test(text))
  const warnings = [...new Set([...(answers.machines.warnings ?? []), ...(answers.usage.warnings ?? [])])].filter(
    (text) => !isElsewhere(text),
  )
  const above = headOf(answers.machines.warnings)
  const parts = [
    ...(above === null ? [] : [paint('bad', displayText(above, 300)), '']),
    fits ? tableText(head, painted, paint) : fleetList(lines, spend, paint, width ?? 0),
    ...(legend(lines) ? [paint('dim', `agents: ${legend(lines)}${spendWords(fits ? head : ['TOKENS', 'COST'])}`)] : []),
    ...beadsLine(answers.beads).map((line) => paint('dim', line)),
    ...accountsPart(answers.accounts, paint),
    '',
    ...(todos.length ? [paint('strong', 'Next:'), ...todos] : [nothingToDo(all, lines, only)]),
    // Long enough for a command with a path in it: cut, it would lead nowhere.
    ...warnings.map((text) => paint('warn', `note: ${displayText(text, 1000)}`)),
  ]
  return parts.join('\n')
}
