import { redact } from '../core/redact.ts'
import { displayText } from '../core/text.ts'

const SECRET_NAME = /(token|secret|passw|passphrase|credential|api_?key|webhook|authorization|cookie)/i
const NOT_SECRET = /_(file|path|seconds|bytes|mtok|pct)$/i
const URL_LOGIN = /^([a-z][a-z0-9+.-]*:\/\/)[^/@]*:[^/@]*@/i

const hidden = '(set, not shown)'

/** Whether what stands under a name may be a secret; an address may hold one in its path. */
export const isSecretName = (name: string): boolean =>
  (SECRET_NAME.test(name) && !NOT_SECRET.test(name)) || /(?:^|_)url$/i.test(name)

/** A configuration safe to print or paste: values under telling names and logins inside URLs are hidden. */
export function redactConfig(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => redactConfig(item, name))
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redactConfig(inner, key)]))
  }
  const secret = SECRET_NAME.test(name) && !NOT_SECRET.test(name)
  if (secret && value !== null && typeof value !== 'boolean' && value !== '') return hidden
  return typeof value === 'string' ? displayText(redact(value.replace(URL_LOGIN, '$1***@')), 1000) : value
}

/** Null means "not set", which TOML says by saying nothing. */
export function withoutUnset(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUnset)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([key, inner]) => [key, withoutUnset(inner)])
      .filter(
        ([key, inner]) =>
          !(key === 'collectors' && typeof inner === 'object' && Object.keys(inner as object).length === 0),
      ),
  )
}
