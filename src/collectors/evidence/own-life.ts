import { asNumber, asObject, isObject, type Json, parseObject } from '../agent-evidence/json.ts'
import type { EvidenceTarget } from './ask.ts'
import type { DatabaseRows } from './live-state.ts'

/** Boot time and ticks are whole seconds and hundredths; what was written this long before counts as after. */
const SLACK_MS = 2_000

/** When the agent's process began, by that machine's own clock; null: cannot be told. */
const beganAtMs = ({ root }: EvidenceTarget, host: Json): number | null => {
  const [bootS, ticksPerS] = [asNumber(host.btime), asNumber(host.clk_tck)]
  const ticks = root?.startTicks ?? null
  return bootS === null || !ticksPerS || ticks === null ? null : bootS * 1000 + (ticks / ticksPerS) * 1000
}

interface Life {
  readonly rows: DatabaseRows
  /** State lines of OpenCode's shared log. */
  readonly log: readonly string[]
}

const opencodeLife = ({ rows, log }: Life, sinceMs: number): Life => {
  const all = rows.own ?? []
  const sessions = all.flatMap((row) => (row.kind === 'session' ? [parseObject(row.row)] : []))
  const isOld = (id: unknown): boolean =>
    sessions.some((session) => session?.id === id && (asNumber(session?.time_updated) ?? 0) < sinceMs)
  const ownIsOld = all.some((row) => row.kind === 'own' && isOld(parseObject(row.row)?.id))
  const stays = (row: unknown): boolean => {
    const { kind, row: text } = asObject(row)
    return kind === 'session' ? !isOld(parseObject(text)?.id) : !ownIsOld
  }
  const isNew = (line: string): boolean => {
    const at = Date.parse(/(?:^|\s)timestamp="?([^\s"]+)/.exec(line)?.[1] ?? '')
    return Number.isNaN(at) || at >= sinceMs
  }
  return {
    rows: { ...rows, own: all.filter(stays), events: ownIsOld ? [] : (rows.events ?? []) },
    log: log.filter(isNew),
  }
}

const codexLife = ({ rows, log }: Life, sinceMs: number): Life => {
  const updatedMs = (row: unknown): number => {
    const { updated_at_ms: ms, updated_at: s } = asObject(row)
    return asNumber(ms) ?? (asNumber(s) ?? 0) * 1000
  }
  return {
    rows: { ...rows, threads: (rows.threads ?? []).filter((row) => isObject(row) && updatedMs(row) >= sinceMs) },
    log,
  }
}

/**
 * Where nobody knows the agent's session, the newest one of its folder is taken for it: but never one that was left before its
 * process began, or an agent would wait at the dialog that killed its predecessor.
 */
export const ofThisLife = (target: EvidenceTarget, host: Json, life: Life): Life => {
  const { cli, sessionId, transcriptPath } = target
  // OpenCode's path is the database of all its sessions.
  const known = sessionId !== null || (cli === 'codex' && transcriptPath !== null)
  const began = known ? null : beganAtMs(target, host)
  if (began === null) return life
  if (cli === 'opencode') return opencodeLife(life, began - SLACK_MS)
  return cli === 'codex' ? codexLife(life, began - SLACK_MS) : life
}
