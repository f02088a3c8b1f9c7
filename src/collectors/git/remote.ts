import { sha256 } from '../../core/ids.ts'
import { displayText } from '../../core/text.ts'

const URL_FORM =
  /^(https?|ssh|git|git\+ssh|ssh\+git|ftps?):\/\/(?:([^/@]*)@)?(\[[0-9a-fA-F:]+\]|[^/:?#]+)(?::(\d+))?\/([^?#]*)/
const SCP_FORM = /^(?:([^@/:]+)@)?([^@/:\s]+):(?!:)([^:].*)$/

interface Remote {
  readonly scheme: string | null
  readonly user: string | null
  readonly host: string
  readonly port: string | null
  readonly path: string
}

// A path of this machine, a bundle or a remote helper (`ext::…`) names no place that another machine would share.
const remoteOf = (url: string): Remote | null => {
  const [, scheme, user, host, port, path] = URL_FORM.exec(url) ?? []
  if (scheme !== undefined && host !== undefined && path !== undefined)
    return { scheme, user: user ?? null, host, port: port ?? null, path }
  const [, scpUser, scpHost, scpPath] = url.includes('://') ? [] : (SCP_FORM.exec(url) ?? [])
  if (scpHost === undefined || scpPath === undefined) return null
  return { scheme: null, user: scpUser ?? null, host: scpHost, port: null, path: scpPath }
}

const DEFAULT_PORTS = new Set(['22', '80', '443', '9418'])

const trimmed = (path: string): string =>
  path
    .replace(/^\/+|\/+$/g, '')
    .replace(/\.git$/, '')
    .replace(/\/+$/, '')

/** `host/owner/name`, lower case, the same for https, ssh and scp forms; null when the url names no shared place. */
export const canonicalRemote = (url: string): string | null => {
  const remote = remoteOf(url.trim())
  if (remote === null || trimmed(remote.path) === '') return null
  const port = remote.port === null || DEFAULT_PORTS.has(remote.port) ? '' : `:${remote.port}`
  return `${remote.host}${port}/${trimmed(remote.path)}`.toLowerCase()
}

/** The url without anything secret: no password, no token as user, no query. Null when nothing safe is left to show. */
export const shownRemote = (url: string): string | null => {
  const remote = remoteOf(url.trim())
  if (remote === null) return null
  const port = remote.port === null ? '' : `:${remote.port}`
  const login = remote.user?.split(':')[0] ?? ''
  const user = login !== '' && !/^(http|ftp)/.test(remote.scheme ?? '') ? `${login}@` : ''
  const path = remote.path.replace(/[?#].*$/s, '')
  return displayText(
    remote.scheme === null
      ? `${user}${remote.host}:${path}`
      : `${remote.scheme}://${user}${remote.host}${port}/${path}`,
    512,
  )
}

/** One id per repository across machines and checkouts; a checkout without a shared remote is its own, on its machine. */
export const repoId = (url: string | null, machineId: string, path: string): string => {
  const canonical = url === null ? null : canonicalRemote(url)
  return sha256(canonical ?? `${machineId}:${path}`)
}

/** Last part of the remote, else of the path. */
export const repoName = (url: string | null, path: string): string => {
  const remote = url === null ? null : remoteOf(url.trim())
  const last = trimmed(remote?.path ?? path)
    .split('/')
    .at(-1)
  return displayText(last || path)
}
