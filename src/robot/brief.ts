import type { Reply } from '../core/carrier.ts'

/** Separators of the one-line form; inside a name they travel as %XX so that ids stay whole and readable back. */
const escapePart = (text: string): string =>
  text.replace(/[%|,:[\]\s]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)

/** `?`: no source has answered yet. `-`: it rests on none, as what vc itself did or was told. */
const oldest = ({ staleness }: Reply): string => {
  if (staleness === undefined) return '-'
  const ages = Object.values(staleness)
  return ages.length ? `${Math.max(...ages)}s` : '?'
}

const codesOf = ({ warnings = [] }: Reply): readonly string[] => [
  ...new Set(warnings.flatMap((text) => /^(\w+): /.exec(text)?.[1] ?? [])),
]

/** What the line does not hold: the codes of the warnings, each once; in the other formats stands what they mean. */
const lacks = (codes: readonly string[]): string => (codes.length === 0 ? '' : `|W:[${codes.join(',')}]`)

type Json = Record<string, unknown>
const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : [])
const num = (value: unknown, digits = 0): string => (typeof value === 'number' ? value.toFixed(digits) : '?')

const SHORT: Record<string, string> = { online: 'on', offline: 'off', degraded: 'deg', unknown: 'unk' }

// Machines at which nothing has looked yet are in no list: that there are none would be a lie.
const none = (reply: Reply): string => (codesOf(reply).includes('not_looked_yet') ? '?' : '0')

const fleetLine = (reply: Reply, machines: readonly Json[]): string => {
  const counts = new Map<string, number>()
  for (const m of machines) {
    const short = SHORT[String(m.status)] ?? String(m.status)
    counts.set(short, (counts.get(short) ?? 0) + 1)
  }
  return `F:${[...counts].map(([state, n]) => `${n}${state}`).join('') || none(reply)}`
}

const healthMachine = (m: Json): string =>
  [
    `${escapePart(String(m.id))}:${SHORT[String(m.status)] ?? m.status}`,
    `h${num((m.score as number) * 100)}`,
    `${m.agent_count}ag`,
    ...(typeof m.cpu_percent === 'number' ? [`cpu${num(m.cpu_percent)}`] : []),
    ...(typeof m.memory_percent === 'number' ? [`mem${num(m.memory_percent)}`] : []),
  ].join(',')

const health = (reply: Reply): string => {
  const data = reply.data as Json
  const alerts = data.alerts_by_severity as Json
  return [
    fleetLine(reply, list(data.machines)),
    ...list(data.machines).map(healthMachine),
    `AL:[crit${alerts.critical},warn${alerts.warning},info${alerts.info}]`,
  ].join('|')
}

const statusMachine = (m: Json): string => {
  const metrics = (m.metrics ?? {}) as Json
  const parts = Object.entries({ cpu: metrics.cpu_pct, mem: metrics.mem_pct, free: metrics.disk_free_pct })
  return [
    `${escapePart(String(m.id))}:${SHORT[String(m.status)] ?? m.status}`,
    ...parts.flatMap(([name, value]) => (typeof value === 'number' ? [`${name}${num(value)}`] : [])),
  ].join(',')
}

const status = (reply: Reply): string => {
  const data = reply.data as Json
  const alerts = data.alerts as Json
  return [
    fleetLine(reply, list(data.machines)),
    ...list(data.machines).map(statusMachine),
    `AL:[crit${alerts.critical},warn${alerts.warning},info${alerts.info}]`,
  ].join('|')
}

// A line of `machines`, which `machine` begins with.
const machineLine = (m: Json): string => {
  const parts = Object.entries({ cpu: m.cpu_pct, mem: m.mem_pct, disk: m.disk_used_pct })
  const agents = Object.values((m.agents ?? {}) as Json).reduce<number>((sum, n) => sum + Number(n), 0)
  return [
    `${escapePart(String(m.id))}:${SHORT[String(m.status)] ?? m.status}`,
    `h${num((m.health as number) * 100)}`,
    `${agents}ag`,
    ...parts.flatMap(([name, value]) => (typeof value === 'number' ? [`${name}${num(value)}`] : [])),
    ...(typeof m.age_s === 'number' ? [`${m.age_s}s`] : []),
  ].join(',')
}

const machines = (reply: Reply): string => {
  const lines = list((reply.data as Json).machines)
  return [fleetLine(reply, lines), ...lines.map(machineLine)].join('|')
}

const machine = (reply: Reply): string => {
  const { machine: line, filesystems, agents } = reply.data as Json
  const full = list(filesystems).map((fs) => `${escapePart(String(fs.mount))}:${num(fs.used_pct)}`)
  const states = list(agents).map((one) => `${escapePart(String(one.agent))}:${one.state ?? '?'}`)
  return [machineLine(line as Json), `FS:[${full.join(',')}]`, `AG:[${states.join(',')}]`].join('|')
}

const triage = (reply: Reply): string => {
  const todo = list((reply.data as Json).recommendations)
  return `TR:${todo.length}${todo
    .slice(0, 8)
    .map((r) => `|${r.priority}:${escapePart(String(r.id))}`)
    .join('')}`
}

// A sentence may be cut; what has no space in it may be an id, and those stay whole.
const cut = (text: string): string => (/\s/.test(text) ? text.slice(0, 40) : text)

// Counts and sums are what a line is asked for; of anything else it says how much there is.
const figures = (value: Json): string => {
  const parts = Object.entries(value)
  return parts.length > 0 && parts.every(([, one]) => typeof one === 'number')
    ? `[${parts.map(([name, one]) => `${escapePart(name)}${one}`).join(',')}]`
    : String(parts.length)
}

// Every other topic: its name, and how many of what it holds.
const generic = (reply: Reply): string => {
  const data = (reply.data ?? {}) as Json
  const parts = Object.entries(data).map(([key, value]) =>
    Array.isArray(value)
      ? `${escapePart(key)}:${value.length}`
      : typeof value === 'object' && value !== null
        ? `${escapePart(key)}:${figures(value as Json)}`
        : `${escapePart(key)}:${escapePart(cut(String(value)))}`,
  )
  return `${escapePart(reply.topic)}|${parts.join('|')}`
}

const FORMS: Record<string, (reply: Reply) => string> = { health, status, machines, machine, triage }

/** One line for agents that count tokens: ids whole, separators escaped, age of the oldest source always last. */
export const brief = (reply: Reply): string =>
  `${(FORMS[reply.topic] ?? generic)(reply)}${lacks(codesOf(reply))}|AGE:${oldest(reply)}`
