/** One pane as `list-panes` describes it. Empty numbers are null: dead status, signal and path may be unknown for a while. */
export interface PaneRecord {
  readonly serverPid: number | null
  readonly serverStartS: number | null
  readonly sessionId: string
  readonly windowIndex: number | null
  readonly paneId: string
  readonly paneIndex: number | null
  readonly panePid: number | null
  readonly dead: boolean
  readonly deadStatus: number | null
  readonly deadSignal: number | null
  readonly active: boolean
  readonly alternateOn: boolean
  readonly inMode: boolean
  readonly windowActivityS: number | null
  readonly sessionCreatedS: number | null
  readonly attachedClients: number | null
  readonly width: number | null
  readonly height: number | null
  readonly historySize: number | null
  /** Without `/dev/`, as process tables name it. */
  readonly tty: string | null
  readonly command: string
  readonly sessionName: string
  readonly windowName: string
  readonly path: string
  readonly title: string
  /** Same key, same screen, once the second of the last output has passed. */
  readonly key: string
}

const FIXED = 27

/** One `P` record without its marker: 27 fields that cannot hold a separator, then names, path and title. */
export const parsePane = (record: string): PaneRecord | null => {
  const fields = record.split('\u001f')
  if (fields.length < FIXED + 4 || fields[0] !== 'P') return null
  const at = (index: number): string => fields[index] ?? ''
  const whole = (index: number): number | null => (/^\d{1,9}$/.test(at(index)) ? Number(at(index)) : null)
  const epoch = (index: number): number | null => (/^\d{1,12}$/.test(at(index)) ? Number(at(index)) : null)
  if (!/^%\d{1,9}$/.test(at(6)) || !/^\$\d{1,9}$/.test(at(3)) || !/^[01]$/.test(at(9))) return null
  const key = [1, 2, 8, 9, 15, 16, 20, 21, 22, 23, 24].map(at).join(':')
  return {
    serverPid: whole(1),
    serverStartS: epoch(2),
    sessionId: at(3),
    windowIndex: whole(5),
    paneId: at(6),
    paneIndex: whole(7),
    panePid: whole(8),
    dead: at(9) === '1',
    deadStatus: whole(10),
    deadSignal: whole(11),
    active: at(12) === '1' && at(13) === '1',
    alternateOn: at(14) === '1',
    inMode: Number(at(15)) > 0,
    windowActivityS: epoch(16),
    sessionCreatedS: epoch(17),
    attachedClients: whole(19),
    width: whole(20),
    height: whole(21),
    historySize: whole(22),
    tty: at(25).replace(/^\/dev\//, '') || null,
    command: at(26),
    sessionName: at(27),
    windowName: at(28),
    path: fields.slice(29, -1).join('\u001f'),
    title: at(fields.length - 1),
    key,
  }
}
