import type { AuthPlan } from './identity.ts'

/** What is known of a login that was refused. */
export interface RefusedLogin {
  readonly user: string
  readonly hostname: string
  readonly plan: AuthPlan
  /** What the server would still take when it last said so; null where it never did. */
  readonly takes: readonly string[] | null
  /** The words of the error. */
  readonly said: string
}

const MAX_PATHS = 3

const serverWords = ({ takes, said }: RefusedLogin): readonly string[] => {
  if (/too many authentication failures/i.test(said))
    return [
      'the server let no further key be tried (too many authentication failures): name the right one with IdentityFile and IdentitiesOnly yes',
    ]
  if (takes === null || takes.length === 0 || takes.includes('publickey')) return []
  return [`the server takes no key, only ${takes.join(', ')}, which vc never types: allow a key there`]
}

/** Why nobody was let in, in one line: whose login, what the server wants, which keys were left out and why. */
export const loginRefused = (login: RefusedLogin): string => {
  const { user, hostname, plan } = login
  const absent = plan.absent.slice(0, MAX_PATHS).join(', ')
  const bare = plan.methods.length === 0 && plan.leftOut.length === 0
  const what = bare && absent !== '' ? `no key to offer: no key file at ${absent}` : 'no key accepted'
  const agent = plan.agentTrouble()
  const left = agent === null ? plan.leftOut : [agent, ...plan.leftOut]
  return [`${user}@${hostname}: ${what}`, ...serverWords(login), ...left].join('; ')
}
