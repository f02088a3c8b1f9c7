// Where an installed vc is kept compiled: reading its sources anew is a fifth of what most commands take.
const { lstatSync, mkdirSync, readdirSync, rmSync, statSync } = require('node:fs')
const { homedir } = require('node:os')
const { dirname, isAbsolute, join } = require('node:path')
const { version } = require('../package.json')

const cacheHome = () => {
  const { XDG_CACHE_HOME: named } = process.env
  return named !== undefined && isAbsolute(named) ? named : join(homedir(), '.cache')
}

/** Nobody else can put another folder in the place of one that lies in it. */
const isSafe = (folder) => {
  const { uid, mode } = statSync(folder)
  const sticky = (mode & 0o1000) !== 0
  return (uid === process.getuid() || uid === 0) && (sticky || (mode & 0o022) === 0)
}

const isPrivate = (folder) => {
  const found = lstatSync(folder)
  return found.isDirectory() && found.uid === process.getuid() && (found.mode & 0o077) === 0
}

/** Each version compiles files of its own: those of earlier ones go. */
const dropOthers = (folder, kept) => {
  for (const name of readdirSync(folder))
    if (name !== kept && name.startsWith('compiled-')) rmSync(join(folder, name), { recursive: true, force: true })
}

/**
 * A folder that its owner alone can read or replace, because what is kept there is run; null where there is none. It is made by
 * commands that make other things too (`mayMake`): one that only looks leaves nothing behind.
 */
exports.ownCache = (mayMake) => {
  const base = cacheHome()
  const folder = join(base, 'vc')
  const name = `compiled-${version}`
  const kept = join(folder, name)
  const make = (path) => (mayMake ? mkdirSync(path, { recursive: true, mode: 0o700 }) : undefined)
  try {
    if (!isSafe(dirname(base))) return null
    make(base)
    if (!isSafe(base)) return null
    const isNew = make(kept) !== undefined
    if (!isPrivate(folder) || !isPrivate(kept)) return null
    if (isNew) dropOthers(folder, name)
    return kept
  } catch (_) {
    return null
  }
}
