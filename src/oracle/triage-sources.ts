import { pasteable } from '../core/shell-word.ts'
import { displayText } from '../core/text.ts'
import { ageWords } from './age-words.ts'
import { counted } from './counted.ts'
import { LATE_AFTER_TURNS } from './status.ts'
import { type Advice, causeOf, RANK } from './triage.ts'

export interface RedSource {
  readonly machineId: string
  readonly source: string
  readonly why: string
  readonly consecutiveFailures: number
}

/** However often sources are asked, so long a pause is no hitch any more. */
const SILENT_AFTER_S = 300
/** One bad answer may be chance. */
const FAILED_AGAIN = 2

export const adviceFromSources = (sources: readonly RedSource[]): readonly Advice[] =>
  sources
    .filter(({ consecutiveFailures }) => consecutiveFailures >= FAILED_AGAIN)
    .map(({ machineId, source, why, consecutiveFailures }) => ({
      id: `source:${machineId}:${source}`,
      cause: causeOf('source', machineId, source),
      rank: RANK.source_red,
      title: `${source} on ${machineId} fails: ${displayText(why, 200)}`,
      description: `${consecutiveFailures} times in a row; what it would tell is missing`,
      scope: `machine:${machineId}`,
      action: 'see what the source answered',
      command: pasteable(['vc', 'collect', '--collector', source, '-m', machineId, '--explain']),
      confidence: 0.8,
    }))

/** Nothing else can be trusted to be so still: whoever reads on has to know that first. */
export const adviceFromSilence = (lastLookAgeS: number | null, paceS: number): readonly Advice[] =>
  lastLookAgeS === null || lastLookAgeS <= Math.max(SILENT_AFTER_S, LATE_AFTER_TURNS * paceS)
    ? []
    : [
        {
          id: 'nothing_looked',
          cause: causeOf('looks', ''),
          rank: RANK.unwatched,
          title: `nothing has looked at any machine for ${ageWords(lastLookAgeS)}; whatever follows is as old`,
          description: 'no source of any machine was asked since; what began or ended meanwhile is not known',
          scope: 'fleet',
          action: 'see why, and start the daemon',
          command: pasteable(['vc', 'doctor']),
          confidence: 1,
        },
      ]

/** What waits in one project of mail. */
export interface WaitingMail {
  readonly machine_id: string
  readonly project_id: string | null
  /** Acknowledgements that were asked for longer ago than `ACK_LATE_MS`. */
  readonly ack_overdue: number
  readonly oldest_ack_pending: string | null
}

export const ACK_LATE_MS = 3_600_000

/** Acknowledgements that are overdue, one advice per machine. */
export const adviceFromMail = (mail: readonly WaitingMail[]): readonly Advice[] => {
  const overdue = mail
    .filter((one) => one.ack_overdue > 0)
    .toSorted((a, b) => (a.oldest_ack_pending ?? '').localeCompare(b.oldest_ack_pending ?? ''))
  return [...Map.groupBy(overdue, ({ machine_id }) => machine_id)].map(([machine, mine]) => {
    const oldest = mine[0]?.oldest_ack_pending ?? ''
    const late = mine.reduce((sum, { ack_overdue }) => sum + ack_overdue, 0)
    const projects = [...new Set(mine.map((one) => one.project_id ?? 'no project'))].map((one) => displayText(one, 60))
    return {
      id: `mail:${machine}`,
      cause: causeOf('mail', machine),
      rank: RANK.mail_overdue,
      title: `${counted(late, 'acknowledgement', 'acknowledgements')} between agents on ${machine} ${late === 1 ? 'is' : 'are'} overdue`,
      description: `in ${projects.slice(0, 4).join(', ')}; the oldest was asked for at ${oldest}`,
      scope: `machine:${machine}`,
      action: 'see who waits for whom',
      command: pasteable(['vc', 'robot', 'mail', '--machine', machine, '--json']),
      confidence: 0.8,
    }
  })
}

export interface RetentionWarning {
  readonly machineId: string
  readonly message: string
  readonly fix: string
}

const cliOf = (message: string): string =>
  message.startsWith('Claude') ? 'claude' : message.startsWith('Gemini') ? 'gemini' : 'retention'

/** Transcripts that an agent CLI will delete: what vc did not count by then is lost. */
export const adviceFromRetention = (warnings: readonly RetentionWarning[]): readonly Advice[] =>
  warnings.map(({ machineId, message, fix }) => ({
    id: `retention:${machineId}:${cliOf(message)}`,
    cause: causeOf('retention', machineId, cliOf(message)),
    rank: RANK.retention,
    title: displayText(message, 200),
    description: displayText(fix, 200),
    scope: `machine:${machineId}`,
    action: 'keep its transcripts longer',
    command: pasteable(['vc', 'doctor', '-m', machineId]),
    confidence: 0.7,
  }))
