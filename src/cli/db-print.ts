import type { DbInfo } from '../commands/db-info.ts'
import { displayText } from '../core/text.ts'
import type { Paint } from './io.ts'
import { ageText, tableText } from './table.ts'

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** `11.3 MB`; unknown stays unknown. */
export const bytesText = (bytes: number | null): string => {
  if (bytes === null) return 'unknown'
  let [value, unit] = [bytes, 0]
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  return unit === 0 ? `${bytes} bytes` : `${value.toFixed(value < 100 ? 1 : 0)} ${UNITS[unit]}`
}

const backupLines = (info: DbInfo, now: Date): readonly (readonly string[])[] =>
  info.backups.map(({ path, bytes, madeAt }) => [
    displayText(path, 4096),
    bytesText(bytes),
    `${ageText(Math.max(0, (now.getTime() - madeAt.getTime()) / 1000))} ago`,
  ])

export const infoScreen = (info: DbInfo, now: Date, paint: Paint): string => {
  const facts = [
    ['file', `${info.file}${info.exists ? '' : ' (not there yet: vc collect)'}`],
    ['size', info.exists ? bytesText(info.bytes) : '-'],
    ['log (WAL)', info.walBytes === null ? 'none' : bytesText(info.walBytes)],
    ['schema', info.schema === null ? 'unknown' : String(info.schema)],
    ['owner', info.owner ? `daemon, pid ${info.owner.pid}` : 'nobody (no daemon runs)'],
    ['disk free', bytesText(info.freeBytes)],
  ]
  const filled = info.tables.filter(({ rows }) => rows > 0).sort((a, b) => b.rows - a.rows)
  const empty = info.tables.length - filled.length
  return [
    tableText(['what', 'value'], facts, paint),
    ...(info.trouble
      ? ['', `${paint('bad', '✗')} ${displayText(info.trouble.message, 600)}`, `    → ${info.trouble.fix}`]
      : []),
    '',
    info.backups.length === 0
      ? `${paint('warn', '▲')} no backups → vc db backup (a daemon makes one every day)`
      : tableText(['backup', 'size', 'made'], backupLines(info, now), paint),
    ...(info.tables.length === 0
      ? []
      : [
          '',
          tableText(
            ['table', 'rows'],
            filled.map(({ table, rows }) => [table, String(rows)]),
            paint,
          ),
        ]),
    ...(empty > 0 ? [paint('dim', `${empty} more tables are empty`)] : []),
  ].join('\n')
}
