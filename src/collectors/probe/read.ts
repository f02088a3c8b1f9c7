import { readDarwin } from './darwin.ts'
import { readLinux } from './linux.ts'
import type { ProbeText } from './parse.ts'
import type { ProbeReading } from './reading.ts'

/** A parsed probe as one reading. Another system than Linux or Darwin gives its head lines and nothing invented. */
export const readProbe = (probe: ProbeText): ProbeReading =>
  probe.os === 'Darwin' ? readDarwin(probe) : readLinux(probe)
