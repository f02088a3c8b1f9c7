import type * as z from 'zod'
import { sourceStanding } from '../core/faults.ts'
import type { events } from '../queries/events.ts'
import type { machine } from '../queries/machine.ts'
import type { machines } from '../queries/machines.ts'
import { type Answerer, ageWords, command, few, from, namedOf, onMachine, pctWords } from './ask-answer.ts'

type Machine = z.output<typeof machine.data>

const UNWELL = 0.8
const BUSY_PROCESS_PCT = 20
const GIB = 1_073_741_824

const pressureWords = (one: Machine['pressure'][number]): string | null =>
  (one.avg60_pct ?? 0) < 5 ? null : `${one.resource} pressure (${one.kind}) ${pctWords(one.avg60_pct)} over a minute`

const swapWords = ({ system }: Machine): string | null =>
  system?.swap_used_bytes && system.swap_total_bytes
    ? `swap ${pctWords((100 * system.swap_used_bytes) / system.swap_total_bytes)} used`
    : null

const busyWords = (top: Machine['top_processes']): string[] =>
  top
    .filter((one) => (one.cpu_pct ?? 0) >= BUSY_PROCESS_PCT || (one.mem_bytes ?? 0) >= 2 * GIB)
    .slice(0, 4)
    .map((one) => {
      const memory = one.mem_bytes === null ? '' : `, ${(one.mem_bytes / GIB).toFixed(1)} GiB`
      return `${one.comm ?? '?'} (pid ${one.pid}) takes ${pctWords(one.cpu_pct)} CPU${memory}`
    })

const stateWords = ({ machine: line, agents }: Machine): string => {
  const working = agents.filter((one) => one.state === 'working').length
  return `${line.status}, health ${line.health}, last answer ${ageWords(line.age_s)}; ${agents.length} agents, ${working} working`
}

type Factor = Machine['health_factors'][number]

/** What does not slow a machine down, however bad it is. */
const NOT_SLOWING = new Set(['quota', 'agents', 'denials', 'mail', 'builds', 'collectors'])

const worstOf = (seen: Machine): Factor[] =>
  seen.health_factors
    .filter((one) => one.score !== null && one.score < UNWELL)
    .toSorted((a, b) => (a.score ?? 1) - (b.score ?? 1))

const sayOf = (id: string, seen: Machine): string => {
  const { age_s: age, status_reason: reason } = seen.machine
  if (age === null) return reason === null ? `no look at ${id} has ended yet` : `${id} was never reached: ${reason}`
  const worst = worstOf(seen)
  const slowing = worst.filter(({ factor }) => !NOT_SLOWING.has(factor)).map(({ evidence }) => evidence)
  const other = worst.filter(({ factor }) => NOT_SLOWING.has(factor)).map(({ evidence }) => evidence)
  const stale = seen.machine.stale ? `, but its values are ${ageWords(seen.machine.age_s)}` : ''
  const besides = other.length > 0 ? `; besides: ${other.join('; ')}` : ''
  return slowing.length > 0
    ? `${id}: ${slowing.join('; ')}${besides}`
    : `nothing that vc measures slows ${id} down${stale}${besides}`
}

const factorWords = ({ health_factors: all }: Machine): string[] => {
  const unknown = all.filter(({ score }) => score === null).map(({ factor }) => factor)
  return [
    ...all.filter(({ score }) => score !== null).map(({ factor, evidence }) => `${factor}: ${evidence}`),
    ...(unknown.length > 0 ? [`not known: ${unknown.join(', ')}`] : []),
  ]
}

export const machineSlow: Answerer = async (about) => {
  const id = namedOf(about, 'machine') ?? ''
  const seen = (await about.ask('machine', { id })).data as Machine
  const since = about.span?.since ?? '2h'
  const newest = { limit: '4', tail: 'true' }
  const changes = (await about.ask('events', { machine: id, since, severity: 'warning', ...newest })).data as z.output<
    typeof events.data
  >
  const { system } = seen
  const facts = [
    stateWords(seen),
    ...factorWords(seen),
    system?.iowait_pct == null || system.iowait_pct < 5
      ? null
      : `waits for disks ${pctWords(system.iowait_pct)} of its time`,
    swapWords(seen),
    system?.oom_kills ? `${system.oom_kills} processes were killed for memory since the sample before` : null,
    ...seen.pressure.map(pressureWords),
    ...busyWords(seen.top_processes),
    ...seen.suspect_processes.slice(0, 3).map((one) => `process triage suspects pid ${one.pid}`),
  ]
  const suspect = seen.suspect_processes.length > 0 || busyWords(seen.top_processes).length > 0
  return {
    answer: sayOf(id, seen),
    evidence: [...from('machine', facts), ...from('events', few(changes.events.map((one) => `${one.ts} ${one.text}`)))],
    commands: [
      command(
        ['robot', 'machine', id, '--json'],
        suspect ? 'every process and filesystem vc saw there' : 'all that vc knows of it',
      ),
      ...(seen.machine.stale ? [command(['machines', 'probe', id], 'its values are old: look at the way to it')] : []),
      ...seen.sources
        .filter((one) => one.fault !== null && sourceStanding(one) === 'down')
        .slice(0, 2)
        .map((one) =>
          command(
            ['collect', '--collector', one.source, '-m', id, '--explain'],
            `its source ${one.source} fails: ${one.fault}`,
          ),
        ),
    ],
  }
}

export const disks: Answerer = async (about) => {
  const only = namedOf(about, 'machine')
  if (only !== undefined) {
    const seen = (await about.ask('machine', { id: only })).data as Machine
    const full = seen.filesystems.toSorted((a, b) => (b.used_pct ?? -1) - (a.used_pct ?? -1))
    const worst = full[0]
    return {
      answer:
        worst === undefined
          ? `no filesystem of ${only} was seen yet`
          : `${only}: ${worst.mount} is ${pctWords(worst.used_pct)} full`,
      evidence: from(
        'machine',
        few(
          full.map(
            (one) => `${one.mount}: ${pctWords(one.used_pct)} of bytes, ${pctWords(one.inodes_used_pct)} of inodes`,
          ),
        ),
      ),
      commands: [command(['robot', 'machine', only, '--json'], 'every filesystem')],
    }
  }
  const { machines: all } = (await about.ask('machines', {})).data as z.output<typeof machines.data>
  const known = all
    .filter((one) => one.disk_used_pct !== null)
    .toSorted((a, b) => (b.disk_used_pct ?? 0) - (a.disk_used_pct ?? 0))
  const worst = known[0]
  const unknown = all.length - known.length
  return {
    answer:
      worst === undefined
        ? 'no filesystem was seen yet'
        : `fullest: ${worst.id} ${worst.disk_mount ?? ''} ${pctWords(worst.disk_used_pct)}${unknown > 0 ? `; of ${unknown} machines nothing is known` : ''}`,
    evidence: from(
      'machines',
      few(
        known.map(
          (one) => `${one.id} ${one.disk_mount ?? '?'}: ${pctWords(one.disk_used_pct)}, seen ${ageWords(one.age_s)}`,
        ),
      ),
    ),
    commands:
      worst === undefined
        ? []
        : [command(['robot', 'machine', worst.id, '--json'], 'every filesystem of the fullest machine')],
  }
}

export const changes: Answerer = async (about) => {
  const since = about.span?.since ?? '2h'
  const until = about.span?.until ?? null
  // The newest of a span that is over: those of today would leave no place for them.
  const end = until === null || Number.isNaN(Date.parse(since)) ? {} : { at: until }
  const params = { ...onMachine(about), since, limit: '200', tail: 'true', ...end }
  const { events: all, more } = (await about.ask('events', params)).data as z.output<typeof events.data>
  const shown = all.filter(
    (one) => (until === null || one.ts < until) && aboutNamed(one.subject, namedOf(about, 'agent')),
  )
  const loud = shown.filter((one) => one.severity !== 'info')
  return {
    answer: `${shown.length}${more ? ' or more' : ''} changes since ${since}${until === null ? '' : ` until ${until}`}, ${loud.length} of them warnings or worse`,
    evidence: from(
      'events',
      few((loud.length > 0 ? loud : shown).toReversed().map((one) => `${one.ts} ${one.severity}: ${one.text}`)),
    ),
    commands: [
      command(['robot', 'events', '--since', since, '--json'], 'all of them'),
      command(['watch', '--changes-only', '--since', since], 'and what comes next'),
    ],
  }
}

const aboutNamed = (subject: string, agent: string | undefined): boolean => agent === undefined || subject === agent
