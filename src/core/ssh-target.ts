import { messageOf, usageError, type VcError } from './errors.ts'
import { SAFE_NAME } from './ids.ts'

/** Where a machine is, as written by people. `alias` may be an ssh_config Host or a plain host name. */
export type Target =
  | { readonly is: 'local' }
  | { readonly is: 'ssh'; readonly alias: string; readonly user: string | null; readonly port: number | null }

export type SshTarget = Extract<Target, { is: 'ssh' }>

// As node:net judges it, which this room does not know.
const isIPv6 = (text: string): boolean => /^[0-9A-Fa-f:.]+$/.test(text) && URL.canParse(`http://[${text}]/`)

const FIX = 'write an ssh_config alias, user@host, user@host:port, user@[ipv6]:port or ssh://user@host:port'

const refuse = (text: string, why: string): VcError =>
  usageError('bad_target', `ssh target ${JSON.stringify(text.slice(0, 200))} ${why}`, FIX)

const parsePort = (whole: string, text: string): number => {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) throw refuse(whole, `has port "${text}", not 1-65535`)
  return port
}

/** `host`, `host:port`, `[v6]`, `[v6]:port`, or a bare IPv6 address (which then cannot carry a port). */
const parseHostPort = (whole: string, text: string): { alias: string; port: number | null } => {
  const bracket = /^\[([^\]]*)\](?::(.*))?$/.exec(text)
  if (bracket !== null) {
    const [, host = '', port] = bracket
    if (!isIPv6(host.replace(/%.*$/, ''))) throw refuse(whole, 'has something other than an IPv6 address in brackets')
    return { alias: host, port: port === undefined ? null : parsePort(whole, port) }
  }
  if (isIPv6(text.replace(/%.*$/, ''))) return { alias: text, port: null }
  const colon = text.indexOf(':')
  if (colon < 0) return { alias: text, port: null }
  return { alias: text.slice(0, colon), port: parsePort(whole, text.slice(colon + 1)) }
}

const safe = (whole: string, part: string, what: string): string => {
  // A leading colon is fine in an address such as ::1, which no shell or option parser misreads.
  if (isIPv6(part.replace(/%[A-Za-z0-9._-]+$/, ''))) return part
  if (!SAFE_NAME.test(part) || part.includes(':')) throw refuse(whole, `has a ${what} vc will not pass on`)
  return part
}

/**
 * Reads a target. vc splits the port itself: `ssh -G host:port` takes the whole for a host name.
 * Throws VcError `bad_target` (exit 2) naming the text, what is wrong and the accepted forms.
 */
export const parseTarget = (text: string): Target => {
  if (text === 'local') return { is: 'local' }
  const url = /^ssh:\/\/(.*)$/i.exec(text)
  const rest = (url?.[1] ?? text).replace(url === null ? /$^/ : /\/$/, '')
  if (rest === '') throw refuse(text, 'is empty')
  const at = rest.lastIndexOf('@')
  const user = at < 0 ? null : safe(text, rest.slice(0, at), 'user')
  const { alias, port } = parseHostPort(text, rest.slice(at + 1))
  if (user !== null && /[:/]/.test(user)) throw refuse(text, 'has a user vc will not pass on (never write a password)')
  if (alias.includes('/')) throw refuse(text, 'has a path; a machine has none')
  return { is: 'ssh', alias: safe(text, alias, 'host'), user, port }
}

/** What `parseTarget` would say against a target; null when it takes it. */
export const whyRefused = (text: string): string | null => {
  try {
    parseTarget(text)
    return null
  } catch (error) {
    return messageOf(error)
  }
}

/** Whom a target names to log in as; null where it names nobody, or is none that `parseTarget` takes. */
export const userNamedIn = (text: string): string | null => {
  if (whyRefused(text) !== null) return null
  const target = parseTarget(text)
  return target.is === 'ssh' ? target.user : null
}

/** The one way a target is written in messages, caches and file names. */
export const targetName = (target: Target): string => {
  if (target.is === 'local') return 'local'
  const host = target.port !== null && isIPv6(target.alias) ? `[${target.alias}]` : target.alias
  return `${target.user === null ? '' : `${target.user}@`}${host}${target.port === null ? '' : `:${target.port}`}`
}
