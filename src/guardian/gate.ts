import type { Proposal, Refusal, Verdict } from '../core/action.ts'

/** What is true of the target and of the caller at this moment; null where vc does not know. */
export interface GateFacts {
  readonly machine: { readonly enabled: boolean; readonly allowWriteCommands: boolean } | null
  /** Of the target agent; absent when the action has none. Null: vc knows no such agent. */
  readonly agent?: { readonly kind: 'managed' | 'adopted' | 'observed'; readonly ended: boolean } | null
  /** The agent CLI among the caller's ancestors; null: none. `unknown`: they could not be read. */
  readonly callerAgent: string | null | 'unknown'
  /** A terminal with a person before it. */
  readonly terminal: boolean
  /** The person said yes to exactly this proposal. */
  readonly confirmed: boolean
  /** `proposal.mandate` was looked up and grants this verb on this target. */
  readonly mandated: boolean
}

/** Verbs that may be proposed for an observed agent: they touch vc's own memory only. */
const ON_OBSERVED = new Set(['agent.adopt', 'agent.release'])

/** Verbs that bring an agent back or hold it back, or see to what it left behind. */
const ON_ENDED = new Set([
  'agent.start',
  'agent.restart',
  'agent.recover',
  'agent.stop',
  'agent.pause',
  'agent.unpause',
])

const refused = (code: string, message: string, fix: string): Refusal => ({ code, message, fix })

const targetTrouble = ({ verb, target }: Proposal, { machine, agent }: GateFacts): Refusal | null => {
  const at = target.machineId
  if (machine === null) return refused('unknown_machine', `vc knows no machine ${at}`, 'vc machines list')
  if (!machine.enabled)
    return refused('machine_disabled', `${at} is disabled in vc.toml`, `vc machines enable ${at}, if you want it back`)
  if (!machine.allowWriteCommands)
    return refused(
      'writes_not_allowed',
      `vc may change nothing on ${at}`,
      `set allow_write_commands = true for ${at} in vc.toml, then vc config reload`,
    )
  if (agent === undefined) return null
  const id = target.agentId ?? 'the agent'
  if (agent === null) return refused('unknown_agent', `vc knows no agent ${id}`, 'vc agent list')
  if (agent.ended && !ON_ENDED.has(verb)) return refused('agent_ended', `${id} has ended`, 'vc agent list')
  if (agent.kind === 'observed' && !ON_OBSERVED.has(verb))
    return refused('agent_observed', `${id} is only observed; vc never touches it`, `vc agent adopt ${id}`)
  return null
}

const callerTrouble = ({ verb }: Proposal, { callerAgent, terminal }: GateFacts): Refusal | null => {
  if (callerAgent === 'unknown')
    return refused(
      'caller_unknown',
      `vc could not read who asks for ${verb}`,
      'run it from a shell of yours on this machine',
    )
  if (callerAgent !== null)
    return refused(
      'caller_is_agent',
      `${verb} was asked for from within ${callerAgent}; agents may look and propose, not act`,
      'run it yourself in a terminal that no agent started',
    )
  if (!terminal)
    return refused(
      'no_terminal',
      `${verb} needs a person's yes, and there is no terminal to ask on`,
      'run it in a terminal',
    )
  return null
}

/**
 * The one door of everything that touches a machine. Pure; its only caller is the Doer (commands/doer.ts).
 * Until modes, allowlist and budgets exist it knows two ways through: a person's yes, or a mandate that a person gave before.
 */
export const admit = (proposal: Proposal, facts: GateFacts): Verdict => {
  if (proposal.class === 'read') return { verdict: 'allowed' }
  const target = targetTrouble(proposal, facts)
  if (target !== null) return { verdict: 'refused', ...target }
  if (proposal.origin === 'guardian') {
    if (facts.mandated) return { verdict: 'allowed' }
    const message = `nobody allowed vc to do ${proposal.verb} by itself`
    return {
      verdict: 'refused',
      ...refused('no_mandate', message, 'do it yourself, or grant it when the agent is started'),
    }
  }
  const caller = callerTrouble(proposal, facts)
  if (caller !== null) return { verdict: 'refused', ...caller }
  return facts.confirmed ? { verdict: 'allowed' } : { verdict: 'ask', question: questionOf(proposal) }
}

const CLASS_WORDS = { read: 'changes nothing', reversible: 'can be undone', irreversible: 'cannot be undone' } as const

const questionOf = ({ verb, target, why, class: kind }: Proposal): string =>
  `${verb} on ${target.agentId ?? target.subject ?? target.machineId}: ${why} (${CLASS_WORDS[kind]}). Do it?`
