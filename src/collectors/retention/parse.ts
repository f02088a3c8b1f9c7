import type { Warning } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'

/** What one CLI's settings say about keeping its transcripts. */
export interface RetentionSetting {
  readonly cli: 'claude' | 'gemini'
  /** As written there; null: not set, so the CLI's own default holds. */
  readonly value: string | null
  readonly file: string
}

/** Claude Code deletes transcripts after this many days when its settings say nothing. */
export const CLAUDE_DEFAULT_DAYS = 30
const KEEP_DAYS = 3650
const LONG_ENOUGH_DAYS = 365

/** Null when the closing line is missing: then the answer was cut and says nothing. */
export const parseRetention = (text: string): RetentionSetting[] | null => {
  const lines = text.split('\n')
  if (!lines.includes('end')) return null
  return lines.flatMap((line) => {
    const [cli, value, file] = line.split('\t')
    if ((cli !== 'claude' && cli !== 'gemini') || value === undefined || file === undefined) return []
    return [{ cli, value: value === '-' ? null : displayText(value, 20), file: displayText(file) }]
  })
}

const claudeWarning = (machineId: string, { value, file }: RetentionSetting): Warning[] => {
  const days = value === null ? CLAUDE_DEFAULT_DAYS : Number(value)
  if (!Number.isFinite(days) || days >= LONG_ENOUGH_DAYS) return []
  const why = value === null ? `its default, ${CLAUDE_DEFAULT_DAYS} days` : `cleanupPeriodDays = ${days}`
  return [
    {
      code: 'retention',
      message: `Claude Code on ${machineId} deletes transcripts (${why}); what vc has counted stays, what it never saw is gone`,
      fix: `set "cleanupPeriodDays": ${KEEP_DAYS} in ${file}`,
    },
  ]
}

const geminiWarning = (machineId: string, { value, file }: RetentionSetting): Warning[] =>
  value === null
    ? []
    : [
        {
          code: 'retention',
          message: `Gemini CLI on ${machineId} deletes sessions older than ${value}`,
          fix: `raise or remove general.sessionRetention.maxAge in ${file}`,
        },
      ]

/** A warning for each setting that will delete history, with the edit that stops it. */
export const retentionWarnings = (machineId: string, settings: readonly RetentionSetting[]): Warning[] =>
  settings.flatMap((setting) =>
    setting.cli === 'claude' ? claudeWarning(machineId, setting) : geminiWarning(machineId, setting),
  )
