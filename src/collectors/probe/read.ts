import { readDarwin } from './darwin.ts'
import { ownText } from './decode.ts'
import { readLinux } from './linux.ts'
import type { ProbeText } from './parse.ts'
import type { ProbeFacts, ProbeReading } from './reading.ts'

/** A parsed probe as one reading. Another system than Linux or Darwin gives its head lines and nothing invented. */
export const readProbe = (probe: ProbeText): ProbeReading => {
  const reading = probe.os === 'Darwin' ? readDarwin(probe) : readLinux(probe)
  return { ...reading, facts: ownFacts(reading.facts), unreadableRows: unreadableRows(probe, reading) }
}

const own = (text: string | null): string | null => (text === null ? null : ownText(text))

// They stay in cursors and pictures until the machine is looked at again.
const ownFacts = (facts: ProbeFacts): ProbeFacts => ({
  ...facts,
  hostname: own(facts.hostname),
  osVersion: own(facts.osVersion),
  kernel: own(facts.kernel),
  bootId: own(facts.bootId),
})

const DATA_ROW = /^\d+\t/

const unreadableRows = (probe: ProbeText, reading: Omit<ProbeReading, 'unreadableRows'>): number => {
  const lines = (name: string): readonly string[] => probe.sections.get(name) ?? []
  const processes = [...lines('proc'), ...lines('ps')].filter((line) => DATA_ROW.test(line)).length
  const agents = lines('agent').filter((line) => line.startsWith('agent\t')).length
  const mounts = lines('fs').includes('df') ? 0 : lines('fs').length
  const read = [
    reading.processes?.length ?? 0,
    reading.agents?.length ?? 0,
    mounts === 0 ? 0 : (reading.filesystems?.length ?? 0),
  ]
  return Math.max(0, processes + agents + mounts - read.reduce((sum, count) => sum + count, 0))
}
