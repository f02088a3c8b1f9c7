import type { DbInfo } from '../commands/db-info.ts'
import { bytesText } from '../core/bytes.ts'
import { displayText } from '../core/text.ts'
import type { Paint } from './io.ts'
import { ageText, tableText } from './table.ts'

/** `11 MB`; unknown stays unknown. */
const sizeText = (bytes: number | null): string => (bytes === null ? 'unknown' : bytesText(bytes))

const backupLines = (info: DbInfo, now: Date): readonly (readonly string[])[] =>
  info.backups.map(({ path, bytes, madeAt }) => [
    displayText(path, 4096),
    sizeText(bytes),
    `${ageText(Math.max(0, (now.getTime() - madeAt.getTime()) / 1000))} ago`,
  ])

export const infoScreen = (info: DbInfo, now: Date, paint: Paint): string => {
  const facts = [
    [
      'file',
      `${info.file}${info.exists ? '' : info.backups.length > 0 ? ' (not there)' : ' (not there yet: vc collect)'}`,
    ],
    ['size', info.exists ? sizeText(info.bytes) : '-'],
    ['log (WAL)', info.walBytes === null ? 'none' : sizeText(info.walBytes)],
    ['schema', info.schema === null ? 'unknown' : String(info.schema)],
    ['owner', info.owner ? `daemon, pid ${info.owner.pid}` : 'nobody (no daemon runs)'],
    ['disk free', sizeText(info.freeBytes)],
  ]
  const filled = info.tables.filter(({ rows }) => rows > 0).sort((a, b) => b.rows - a.rows)
  const empty = info.tables.length - filled.length
  return [
    tableText(['what', 'value'], facts, paint),
    ...(info.trouble
      ? ['', `${paint('bad', '✗')} ${displayText(info.trouble.message, 600)}`, `    → ${info.trouble.fix}`]
      : []),
    ...(info.begunAnew
      ? ['', `${paint('warn', '▲')} ${displayText(info.begunAnew.message, 600)}`, `    → ${info.begunAnew.fix}`]
      : []),
    '',
    info.backups.length === 0
      ? `${paint('warn', '▲')} no backups${info.trouble ? '' : ' → vc db backup (a daemon makes one every day)'}`
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
