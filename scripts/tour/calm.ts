import { hostname } from 'node:os'

export interface Places {
  readonly home: string
  readonly root: string
}

const MAX_CHARS = 200

const host = hostname().replaceAll('.', '\\.')
// At the start of a table's row the columns keep their places.
const HOST_ROW = new RegExp(`^${host} {2,}`, 'gm')
const HOST = new RegExp(`(?<![\\w.-])${host}(?![\\w-])`, 'g')

/** Output without the places, names and moments of the machine it was made on. */
export const calmed = (text: string, { home, root }: Places): string =>
  text
    .replaceAll(/[^\s=]*\/vc-demo-\w{6}/g, '/tmp/vc-demo')
    .replaceAll(home, '~')
    .replaceAll(root, '<checkout>')
    .replaceAll(HOST_ROW, (row) => `${'thisbox'.padEnd(row.length - 2)}  `)
    .replaceAll(HOST, 'thisbox')
    .replaceAll(/\bLinux \d\S*/g, 'Linux 6.12.38')
    .replaceAll(/run-[0-9a-f]{8}/g, 'run-1a2b3c4d')
    .replaceAll(/SHA256:[A-Za-z0-9+/]{43}/g, 'SHA256:…')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?/g, '2026-01-01T08:00:00.000Z')
    .replaceAll(/"[0-9a-f]{16}"/g, '"1a2b3c4d5e6f7081"')
    .replaceAll(/\bpid \d+/g, 'pid 4242')
    .split('\n')
    .map((line) => (line.length > MAX_CHARS ? `${line.slice(0, MAX_CHARS - 1)}…` : line).trimEnd())
    .join('\n')
    .trim()

/** What two runs must have in common: words. Numbers, widths and rules drawn around them differ. */
export const essence = (text: string): string =>
  text
    .replaceAll(/\d+(\.\d+)?/g, 'N')
    .replaceAll(/N(ms|s|m|h|d)\b/g, 'N')
    .replaceAll(/N[kMG]\b/g, 'N')
    .replaceAll(/[-─═╌]{2,}/g, '–')
    .replaceAll(/[ \t]+/g, ' ')
    .trim()
