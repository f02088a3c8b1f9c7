import { collectors } from '../../src/collectors/index.ts'
import type { Collector } from '../../src/core/collector.ts'
import { REFRESH } from './refresh.ts'

const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ') || '–'

const seconds = ({ interval, timeoutMs, remoteTimeoutMs }: Collector): string => {
  const every = `${interval.localS} s on this machine, ${interval.remoteS} s on others`
  const limit =
    remoteTimeoutMs === undefined
      ? `${timeoutMs / 1000} s`
      : `${timeoutMs / 1000} s, ${remoteTimeoutMs / 1000} s on others`
  return `${every}; given up after ${limit}`
}

const needsOf = ({ needs }: Collector): string =>
  needs.length === 0 ? 'nothing' : needs.map((any) => code(any).replaceAll(', ', ' or ')).join(' and ')

const testedOf = ({ tested = {} }: Collector): string =>
  Object.entries(tested)
    .map(([tool, version]) => `${tool} ${version}`)
    .join(', ') || '–'

const section = (collector: Collector, asks: readonly string[]): string =>
  [
    `## ${collector.name}`,
    '',
    `${collector.about}.`,
    '',
    '| | |',
    '|---|---|',
    `| version | ${collector.version}, rows of schema ${collector.schemaVersion} |`,
    `| runs every | ${seconds(collector)} |`,
    `| needs on the machine | ${needsOf(collector)} |`,
    `| asks | ${code(asks)} |`,
    `| runs | ${code(collector.reads?.commands ?? [])} |`,
    `| reads | ${code(collector.reads?.files ?? [])} |`,
    `| tested up to | ${testedOf(collector)} |`,
    `| writes | ${collector.tables.length === 0 ? 'warnings only' : code(collector.tables)} |`,
    `| switch | \`[collectors.${collector.name}]\`, see [config.md](config.md) |`,
    '',
  ].join('\n')

/** docs/collectors.md. `asks`: collector name to the names of what it asks. */
export const collectorsPage = (asks: ReadonlyMap<string, readonly string[]>): string =>
  [
    '# Collectors',
    '',
    `What vc asks a machine, how often, and what becomes of it. Made from the sources; refresh: \`${REFRESH}\``,
    '',
    'A collector sends POSIX sh scripts; all that are due travel in one framed script per tick. Files of this machine are read in',
    'process instead. Every script reads and none writes. Its first line names it (`# vc:ask probe.fast`), and so do the recordings',
    "under `tests/fixtures`. `vc.stat`, `vc.range` and `vc.sqlite` are the transport's own: facts of named files, bytes of one file,",
    'a read-only query. Every run, failed ones too, is a row of `scrapes`. A collector whose tools are missing costs nothing.',
    '',
    ...collectors.map((collector) => section(collector, asks.get(collector.name) ?? [])),
  ].join('\n')
