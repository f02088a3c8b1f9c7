import { usageError } from '../../core/errors.ts'
import { displayText } from '../../core/text.ts'
import type { EngineBook, Managed } from './book.ts'

/** The agent vc keeps that is called so: its whole id, the part behind the machine, or the start of either. Throws a usage error. */
export const managedNamed = (book: Pick<EngineBook, 'all'>, given: unknown): Managed => {
  const name = typeof given === 'string' ? given : ''
  const kept = book.all().filter((agent) => agent.wanted !== 'forgotten')
  const tail = (agent: Managed): string => agent.agent_id.slice(agent.agent_id.indexOf('/') + 1)
  const whole = kept.filter((agent) => agent.agent_id === name)
  const fitting =
    whole.length > 0 || name === ''
      ? whole
      : kept.filter((agent) => agent.agent_id.startsWith(name) || tail(agent).startsWith(name))
  const [only] = fitting
  if (only !== undefined && fitting.length === 1) return only
  const shown = displayText(name, 80)
  throw fitting.length === 0
    ? usageError('unknown_agent', `vc keeps no agent called “${shown}”`, 'vc agent list --managed')
    : usageError(
        'ambiguous_agent',
        `“${shown}” fits ${fitting.length} agents`,
        `name one: ${fitting
          .slice(0, 5)
          .map((agent) => agent.agent_id)
          .join(', ')}`,
      )
}
