import { randomBytes } from 'node:crypto'
import type { Effect, Outcome, Proposal, Refusal } from '../core/action.ts'
import { EXIT, VcError } from '../core/errors.ts'
import { SAFE_NAME } from '../core/ids.ts'
import type { Row } from '../core/rows.ts'
import { displayText } from '../core/text.ts'
import { type AuditRow, auditRows, openIntents, type Store } from '../store/index.ts'
import type { Caller } from './caller.ts'

/** How an audited step ended; an intent has not ended. */
export interface StepEnd {
  readonly outcome: Outcome
  readonly refusal: Refusal | null
  readonly effects: readonly Effect[]
}

/** The rows of `audit_events`: written and committed before the caller goes on. */
export interface AuditTrail {
  /** `a-20261121-3fa91c2b`. */
  mint(): string
  refused(auditId: string, proposal: Proposal, caller: Caller, refusal: Refusal): Promise<void>
  intent(auditId: string, proposal: Proposal, caller: Caller): Promise<void>
  result(auditId: string, proposal: Proposal, caller: Caller, end: StepEnd): Promise<void>
  /** Whether this action of a person, carried out and not refused, grants the verb on the target. */
  grants(mandate: string, proposal: Proposal): Promise<boolean>
  /** Closes intents of an owner that died as `outcome_unknown`; returns their ids. */
  closeOpen(): Promise<readonly string[]>
}

type TrailStore = Pick<Store, 'db' | 'write'>

const stepRow = (
  auditId: string,
  step: string,
  proposal: Proposal,
  caller: Caller,
  at: Date,
  end: StepEnd | null,
): Row => ({
  audit_id: auditId,
  step,
  ts: at,
  verb: displayText(proposal.verb, 64),
  class: proposal.class,
  agent_id: proposal.target.agentId,
  subject: proposal.target.subject ?? null,
  origin: proposal.origin,
  actor: displayText(proposal.actor, 64),
  caller_pid: caller.pid,
  caller_agent: caller.agent,
  mandate: proposal.mandate ?? null,
  why: displayText(proposal.why, 500),
  params_json: JSON.stringify(proposal.params),
  dialog_hash: proposal.dialogHash ?? null,
  outcome: end?.outcome ?? null,
  code: end?.refusal?.code ?? null,
  detail: end?.refusal == null ? null : displayText(end.refusal.message, 500),
  effects_json: JSON.stringify(end?.effects ?? []),
})

// What was typed as a machine's name is no machine's row unless it can be one.
const machineOf = ({ target }: Proposal): string => (SAFE_NAME.test(target.machineId) ? target.machineId : 'fleet')

const DIED: Refusal = {
  code: 'owner_died',
  message: 'vc ended between the intent and the result; it may or may not have been done, and is not tried again',
  fix: 'look at the agent, then decide: vc agent show',
}

const closingRow = (
  { collected_at, machine_id, source, source_version, schema_version, ...row }: AuditRow,
  at: Date,
): Row => ({
  ...row,
  step: 'result',
  ts: at,
  outcome: 'outcome_unknown',
  code: DIED.code,
  detail: DIED.message,
})

/** A list among the params of an audited action. */
const listOf = (paramsJson: string, name: string): readonly string[] => {
  const list: unknown = (JSON.parse(paramsJson) as Record<string, unknown>)[name]
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : []
}

// An action that made several agents names them in `grants_for`.
const isAbout = (row: AuditRow, agentId: string | null): boolean =>
  agentId !== null && (row.agent_id === agentId || listOf(row.params_json, 'grants_for').includes(agentId))

const isCarriedOut = (row: AuditRow): boolean =>
  row.step === 'result' && row.origin === 'person' && row.outcome !== 'refused' && row.outcome !== 'outcome_unknown'

export const openAuditTrail = (store: TrailStore, now: () => Date): AuditTrail => {
  const write = async (machineId: string, row: Row): Promise<void> => {
    const batches = [{ table: 'audit_events', rows: [row] }]
    const written = await store.write({ machineId, source: 'doer', at: now(), batches, awaited: true, urgent: true })
    if (written.ok) return
    throw new VcError('not_audited', `the audit was not stored: ${written.detail}`, 'look with: vc doctor', {
      exitCode: EXIT.refused,
    })
  }
  return {
    mint: () => `a-${now().toISOString().slice(0, 10).replaceAll('-', '')}-${randomBytes(4).toString('hex')}`,
    refused: (id, proposal, caller, refusal) =>
      write(
        machineOf(proposal),
        stepRow(id, 'refused', proposal, caller, now(), { outcome: 'refused', refusal, effects: [] }),
      ),
    intent: (id, proposal, caller) => write(machineOf(proposal), stepRow(id, 'intent', proposal, caller, now(), null)),
    result: (id, proposal, caller, end) =>
      write(machineOf(proposal), stepRow(id, 'result', proposal, caller, now(), end)),
    async grants(mandate, { verb, target }) {
      const rows = await auditRows(store.db, mandate)
      return rows.some(
        (row) =>
          row.audit_id === mandate &&
          isCarriedOut(row) &&
          row.machine_id === target.machineId &&
          isAbout(row, target.agentId) &&
          listOf(row.params_json, 'grants').includes(verb),
      )
    },
    async closeOpen() {
      const open = await openIntents(store.db)
      for (const row of open) await write(row.machine_id, closingRow(row, now()))
      return open.map((row) => row.audit_id)
    },
  }
}
