import type { LaunchSpec } from '../../core/agent-adapter.ts'
import { usageError } from '../../core/errors.ts'

/** Besides what every host passes on (HOME, PATH, USER, SHELL, LANG …): places, certificates and ways out to the network. */
export const COMMON_ENV = [
  'TZ', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME', 'COLORTERM', 'SSH_AUTH_SOCK',
  'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS',
] as const // biome-ignore format: a list of words

const SESSION = /^[A-Za-z0-9][A-Za-z0-9_-]{5,127}$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const MODEL = /^[A-Za-z0-9][A-Za-z0-9._:/@[\]-]{0,127}$/

/** Refuses words that an argv cannot carry, ids that could be read as flags, and relative folders. */
export function checkLaunch(spec: LaunchSpec): LaunchSpec {
  const wrong = (what: string, fix: string): never => {
    throw usageError('bad_launch', what, fix)
  }
  if (!spec.cwd.startsWith('/')) wrong('the folder of an agent must be an absolute path', 'write it from /')
  if (spec.resume !== null && !SESSION.test(spec.resume)) wrong('that is no session id of a CLI', 'see: vc agent show')
  if (spec.newSessionId !== null && !UUID.test(spec.newSessionId))
    wrong('a new session id must be a UUID', 'leave it out')
  if (spec.model !== null && !MODEL.test(spec.model)) wrong('that is no name of a model', 'e.g. gpt-5 or opus')
  if (spec.extra.some((word) => word.includes('\0') || word.length > 32_000))
    wrong('a word of the command holds a zero byte or is too long', 'shorten it')
  return spec
}
