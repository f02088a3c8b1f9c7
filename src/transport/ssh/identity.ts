import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import type { AnyAuthMethod, IdentityCallback, ParsedKey, PublicKeyEntry } from 'ssh2'
import ssh2 from 'ssh2'
import { keyTypeOf } from './known-hosts.ts'
import type { ResolvedTarget } from './ssh-g.ts'

const MAX_KEY_BYTES = 64 * 1024

/** One identity file as it lies on disk. */
export type IdentityFile =
  | { readonly is: 'missing'; readonly path: string }
  | { readonly is: 'unusable'; readonly path: string; readonly why: string; readonly publicBlob: Buffer | null }
  | { readonly is: 'hardware'; readonly path: string; readonly keyType: string }
  | { readonly is: 'key'; readonly path: string; readonly bytes: Buffer; readonly publicBlob: Buffer }

// As strict as ssh: a key of ours that others may read is none.
const openToOthers = async (path: string): Promise<string | null> => {
  const about = await stat(path).catch(() => null)
  if (about === null || about.uid !== process.getuid?.() || (about.mode & 0o077) === 0) return null
  const mode = (about.mode & 0o7777).toString(8).padStart(4, '0')
  return `not used, as ssh does not use it: mode ${mode} lets others read it (chmod 600)`
}

const readSmall = async (path: string): Promise<Buffer | null> => {
  // Non-blocking, so that a FIFO in the place of a key cannot hold us.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => null)
  if (file === null) return null
  try {
    const about = await file.stat()
    return about.isFile() && about.size <= MAX_KEY_BYTES ? await file.readFile() : null
  } finally {
    await file.close()
  }
}

const publicBlobOf = async (path: string): Promise<Buffer | null> => {
  const text = (await readSmall(`${path}.pub`))?.toString('latin1') ?? ''
  const blob = Buffer.from(/^\S+\s+([A-Za-z0-9+/=]+)/.exec(text)?.[1] ?? '', 'base64')
  return keyTypeOf(blob) === null ? null : blob
}

/** Reads one identity file: a plain key, a key only an agent can use, a FIDO key, or nothing. */
export const readIdentity = async (path: string): Promise<IdentityFile> => {
  const [bytes, publicBlob] = [await readSmall(path), await publicBlobOf(path)]
  const publicType = publicBlob === null ? null : keyTypeOf(publicBlob)
  if (publicType?.startsWith('sk-')) return { is: 'hardware', path, keyType: publicType }
  if (bytes === null)
    return publicBlob === null
      ? { is: 'missing', path }
      : { is: 'unusable', path, why: 'only its public half is here', publicBlob }
  const parsed = ssh2.utils.parseKey(bytes)
  const key = Array.isArray(parsed) ? parsed[0] : parsed
  if (key instanceof Error || key === undefined)
    return { is: 'unusable', path, why: key?.message ?? 'holds no key', publicBlob }
  if (!key.isPrivateKey())
    return { is: 'unusable', path, why: 'holds a public key only', publicBlob: key.getPublicSSH() }
  const exposed = await openToOthers(path)
  if (exposed !== null) return { is: 'unusable', path, why: exposed, publicBlob: key.getPublicSSH() }
  return { is: 'key', path, bytes, publicBlob: key.getPublicSSH() }
}

type AgentKey = ParsedKey | PublicKeyEntry | Buffer | string

const blobOf = (key: AgentKey): Buffer | null => {
  if (Buffer.isBuffer(key)) return key
  if (typeof key === 'string') return null
  if ('getPublicSSH' in key) return key.getPublicSSH()
  return blobOf(key.pubKey instanceof Object && 'pubKey' in key.pubKey ? key.pubKey.pubKey : key.pubKey)
}

/** The agent's keys, those of the identity files first; only those with `IdentitiesOnly`. */
class OrderedAgent extends ssh2.OpenSSHAgent {
  /** Why it had nothing to offer, once it was asked. */
  trouble: string | null = null
  readonly #name: string
  readonly #first: readonly Buffer[]
  readonly #only: boolean
  constructor(socketPath: string, first: readonly Buffer[], only: boolean) {
    super(socketPath)
    this.#name = `the ssh agent at ${socketPath}`
    this.#first = first
    this.#only = only
  }
  override getIdentities(tell: IdentityCallback<ParsedKey>): void {
    super.getIdentities((error, keys) => {
      this.trouble = this.#troubleOf(error, keys)
      if (error || keys === undefined) return tell(error ?? new Error('the agent named no keys'))
      tell(undefined, [...keys.filter(this.#isNamed), ...(this.#only ? [] : keys.filter((key) => !this.#isNamed(key)))])
    })
  }
  readonly #isNamed = (key: AgentKey): boolean => this.#first.some((blob) => blobOf(key)?.equals(blob) === true)
  #troubleOf(error: Error | null | undefined, keys: readonly AgentKey[] | undefined): string | null {
    if (error || keys === undefined)
      return `${this.#name} does not answer: start one there, or vc with the SSH_AUTH_SOCK of one that lives`
    if (keys.length === 0) return `${this.#name} holds no key: ssh-add`
    return this.#only && !keys.some(this.#isNamed) ? `${this.#name} holds none of the keys that are named` : null
  }
}

export interface AuthPlan {
  readonly methods: readonly AnyAuthMethod[]
  /** Why identities were left out, for the message when nothing is accepted. */
  readonly leftOut: readonly string[]
  /** Where no key lies, of the files that are looked at. */
  readonly absent: readonly string[]
  /** Why the agent had nothing to offer; null where it had, was not asked yet, or there is none. */
  agentTrouble(): string | null
}

/** What to offer the server, in ssh's order: agent keys, then plain files. Never a prompt, never a password. */
export const planAuth = async (resolved: ResolvedTarget): Promise<AuthPlan> => {
  const files = await Promise.all(resolved.identityFiles.map(readIdentity))
  const username = resolved.user
  const named = files.flatMap((f) =>
    (f.is === 'key' || f.is === 'unusable') && f.publicBlob !== null ? [f.publicBlob] : [],
  )
  const { agentSocket, identitiesOnly } = resolved
  const agent = agentSocket === null ? null : new OrderedAgent(agentSocket, named, identitiesOnly)
  const agentMethods: AnyAuthMethod[] = agent === null ? [] : [{ type: 'agent', username, agent }]
  const fileMethods = files.flatMap((f): AnyAuthMethod[] =>
    f.is === 'key' ? [{ type: 'publickey', username, key: f.bytes }] : [],
  )
  const leftOut = files.flatMap((f) =>
    f.is === 'unusable'
      ? [`${f.path}: ${f.why}`]
      : f.is === 'hardware'
        ? [`${f.path}: ${f.keyType} needs the ssh binary`]
        : [],
  )
  const absent = files.flatMap((f) => (f.is === 'missing' ? [f.path] : []))
  const methods = resolved.pubkeyAuthentication ? [...agentMethods, ...fileMethods] : []
  return { methods, leftOut, absent, agentTrouble: () => agent?.trouble ?? null }
}
