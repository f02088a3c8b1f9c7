import type { HostProcess } from '../../core/session-host.ts'
import { displayText } from '../../core/text.ts'
import type { ActRecord } from './machine-act.ts'

const ofKind = (records: readonly ActRecord[], word: string): readonly HostProcess[] =>
  records.flatMap(({ tag }) => {
    const [, kind, pid, ticks, comm = ''] = /^(\w+) (\d+) (\d+) (.*)$/.exec(tag) ?? []
    if (kind !== word || pid === undefined || ticks === undefined) return []
    return [{ pid: Number(pid), startTicks: Number(ticks), comm: displayText(comm, 64) }]
  })

/** What the sweep of a terminal's processes reported. */
export const sweptOf = (records: readonly ActRecord[]) => ({
  ended: ofKind(records, 'ended'),
  survivors: ofKind(records, 'survivor'),
})
