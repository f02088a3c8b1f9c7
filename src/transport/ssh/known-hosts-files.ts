import { readFile, stat } from 'node:fs/promises'
import { type KnownHosts, parseKnownHosts } from './known-hosts.ts'

export interface KnownHostsFiles {
  /** The index of all files as they are now; re-read only when one of them changed. */
  read(): Promise<{ readonly hosts: KnownHosts; readonly stamp: string }>
}

// A known_hosts file is a few MB at the very most; more is not ours to load.
const MAX_BYTES = 32 * 1024 * 1024

const stampOf = async (path: string): Promise<string> => {
  try {
    const { ino, size, mtimeMs, ctimeMs, isFile } = await stat(path).then((s) => ({ ...s, isFile: s.isFile() }))
    return isFile && size <= MAX_BYTES ? `${ino}:${size}:${mtimeMs}:${ctimeMs}` : 'none'
  } catch {
    return 'none'
  }
}

const textOf = async (path: string, stamp: string): Promise<string> => {
  if (stamp === 'none') return ''
  // Unreadable means nothing is known from it, which only ever refuses a connection.
  return readFile(path, 'utf8').catch(() => '')
}

interface Loaded {
  readonly stamp: string
  readonly hosts: KnownHosts
}

// Machines of one configuration share their files, so the index is shared too.
const loaded = new Map<string, Promise<Loaded>>()
const MAX_LISTS = 256

const load = async (paths: readonly string[], stamps: readonly string[], stamp: string): Promise<Loaded> => {
  const texts = await Promise.all(paths.map((path, i) => textOf(path, stamps[i] ?? 'none')))
  return { stamp, hosts: parseKnownHosts(texts) }
}

/** Several known_hosts files as one; missing files are empty. */
export const openKnownHosts = (paths: readonly string[]): KnownHostsFiles => {
  const key = paths.join('\0')
  return {
    async read() {
      const stamps = await Promise.all(paths.map(stampOf))
      const stamp = stamps.join(' ')
      const before = loaded.get(key)
      if (before !== undefined && (await before).stamp === stamp) return before
      if (loaded.size >= MAX_LISTS) loaded.clear()
      const now = load(paths, stamps, stamp)
      loaded.set(key, now)
      return now
    },
  }
}
