import type { JobEntry, JobIo } from '../../core/job.ts'
import type { TranscriptSource } from './source.ts'

export interface Home {
  /** Resolved path of the config home, e.g. `/home/dev/.claude`. */
  readonly path: string
  /** The path as it was named, where links lead to another one. */
  readonly named: string
  /** Set for homes of other users: every file below must belong to them. */
  readonly ownerUid: number | null
}

export interface HomeOptions {
  /** Further config homes from vc.toml; `~` is this user's home. */
  readonly homes: readonly string[]
  /** Look into every user's home; only root may. */
  readonly otherUsers: boolean
}

const expand = (path: string, home: string): string =>
  path === '~' ? home : path.startsWith('~/') ? `${home}${path.slice(1)}` : path

/** Where config homes of this user may be. */
const ownPlaces = (io: JobIo, source: TranscriptSource, options: HomeOptions): readonly string[] => {
  const named = source.homeVariables.flatMap((name) => (io.env(name) ?? '').split(','))
  return [...source.homes.map((home) => `${io.home}/${home}`), ...named, ...options.homes]
    .map((path) => path.trim())
    .filter((path) => path !== '')
    .map((path) => expand(path, io.home))
}

/** Config homes on this machine, links of one's own home resolved, each once. */
export const findHomes = (io: JobIo, source: TranscriptSource, options: HomeOptions): readonly Home[] => {
  const homes = new Map<string, Home>()
  for (const place of ownPlaces(io, source, options)) {
    const path = io.realpath(place)
    if (path !== null && !homes.has(path)) homes.set(path, { path, named: place.replace(/\/+$/, ''), ownerUid: null })
  }
  if (options.otherUsers && io.uid === 0) {
    for (const home of otherHomes(io, source)) if (!homes.has(home.path)) homes.set(home.path, home)
  }
  return [...homes.values()]
}

// Another user could place links to make root read anything: no component below their home may be one.
const otherHomes = (io: JobIo, source: TranscriptSource): readonly Home[] =>
  placesOfOthers(io, source).flatMap(({ home, relative, uid }) => {
    const path = `${home}/${relative}`
    return plainDirs(io, home, relative, uid) ? [{ path, named: path, ownerUid: uid }] : []
  })

const placesOfOthers = (io: JobIo, source: TranscriptSource) =>
  passwdHomes(io).flatMap(({ home, uid }) => source.homes.map((relative) => ({ home, relative, uid })))

/** Config homes of others that are there, but behind a link or in a folder that is not theirs, and read under no other name. */
const homesRefused = (io: JobIo, source: TranscriptSource, homes: readonly Home[]): number => {
  const read = new Set(homes.map(({ path }) => path))
  return placesOfOthers(io, source).filter(({ home, relative, uid }) => {
    const path = isFolder(io, `${home}/${relative}`) ? io.realpath(`${home}/${relative}`) : null
    return path !== null && !read.has(path) && !plainDirs(io, home, relative, uid)
  }).length
}

/** True when every component of `relative` below `base` is a real directory of that user. */
export const plainDirs = (io: JobIo, base: string, relative: string, uid: number): boolean => {
  let path = base
  for (const part of ['', ...relative.split('/')]) {
    if (part !== '') path = `${path}/${part}`
    const stat = io.stat(path)
    if (stat === null || stat.is !== 'dir' || stat.uid !== uid) return false
  }
  return true
}

const passwdHomes = (io: JobIo): readonly { readonly home: string; readonly uid: number }[] => {
  const file = io.open('/etc/passwd')
  if ('refused' in file) return []
  try {
    const bytes = Buffer.alloc(Math.min(file.size, 4 * 1024 * 1024))
    return bytes
      .toString('utf8', 0, file.read(bytes, 0))
      .split('\n')
      .map((line) => line.split(':'))
      .map((fields) => ({ home: fields[5] ?? '', uid: Number(fields[2]) }))
      .filter(({ home, uid }) => home.length > 1 && home.startsWith('/') && Number.isInteger(uid) && uid !== 0)
  } finally {
    file.close()
  }
}

export interface Listing {
  readonly files: readonly JobEntry[]
  readonly homes: readonly Home[]
  /** Companion file of each home, where one exists. */
  readonly companions: readonly { readonly home: string; readonly entry: JobEntry }[]
  readonly refused: Readonly<Record<string, number>>
  /** Homes of vc.toml that are not there, or that nobody may enter. */
  readonly missing: readonly string[]
  /** Set when there is no home at all: as long as each of these is missing there still is none. */
  readonly nowhere?: readonly string[]
}

/**
 * Homes besides the machine's usual one, the first of this user: somebody else is logged in there, or this user a second time,
 * so that what names no account is not of the same one.
 */
export const homesElsewhere = (
  homes: readonly { readonly path: string; readonly ownerUid?: number | null }[],
): readonly string[] => {
  const usual = homes.find(({ ownerUid }) => ownerUid == null)
  return homes.flatMap((home) => (home === usual ? [] : [home.path]))
}

const isFolder = (io: JobIo, place: string): boolean => {
  const path = io.realpath(place)
  return path !== null && io.stat(path)?.is === 'dir'
}

/** Lists transcript files of all homes: regular files only, never through a link, each path once. */
export const listFiles = (io: JobIo, source: TranscriptSource, options: HomeOptions): Listing => {
  const homes = findHomes(io, source, options)
  const files = new Map<string, JobEntry>()
  const refused: Record<string, number> = {}
  for (const home of homes) {
    for (const tree of source.trees) {
      if (home.ownerUid !== null && !plainDirs(io, home.path, tree, home.ownerUid)) continue
      const root = `${home.path}/${tree}`
      const owner = home.ownerUid === null ? {} : { ownerUid: home.ownerUid }
      const walk = io.walk({ root, accept: source.accepts, maxDepth: source.maxDepth, ...owner })
      for (const file of walk.files) files.set(file.path, file)
      for (const { why } of walk.refused) refused[why] = (refused[why] ?? 0) + 1
    }
  }
  const looksAtOthers = options.otherUsers && io.uid === 0
  if (options.otherUsers && !looksAtOthers) refused.needs_root = 1
  const others = looksAtOthers ? homesRefused(io, source, homes) : 0
  if (others > 0) refused.foreign_home = others
  const missing = options.homes.filter((home) => !isFolder(io, expand(home.trim(), io.home)))
  const listing = { files: [...files.values()], homes, companions: findCompanions(io, source, homes), refused, missing }
  return homes.length > 0 || looksAtOthers || missing.length > 0
    ? listing
    : { ...listing, nowhere: ownPlaces(io, source, options) }
}

/**
 * Where the companion of a home may be. What lies beside it is the usual home's alone: a second one there has its own inside,
 * or nobody is logged in, and another login's account would be taken for its.
 */
const companionPath = (source: TranscriptSource, { path, named }: Home, relative: string): string | null => {
  if (!relative.startsWith('../')) return `${path}/${relative}`
  const usual = `/${source.homes[0]}`
  return named.endsWith(usual) ? `${named.slice(0, -usual.length)}/${relative.slice(3)}` : null
}

const findCompanions = (io: JobIo, source: TranscriptSource, homes: readonly Home[]): Listing['companions'] =>
  homes.flatMap((home) => {
    for (const relative of source.companion?.paths ?? []) {
      const path = companionPath(source, home, relative)
      const stat = path === null ? null : io.stat(path)
      if (stat?.is !== 'file' || (home.ownerUid !== null && stat.uid !== home.ownerUid)) continue
      const { is: _is, ...entry } = stat
      return [{ home: home.path, entry }]
    }
    return []
  })
