import { isUtf8 } from 'node:buffer'
import { closeSync, constants, existsSync, fstatSync, lstatSync, openSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, usageError, type VcError } from '../core/errors.ts'
import { foreignWriter } from '../core/foreign-writer.ts'
import type { Warning } from '../core/rows.ts'
import { shellWord } from '../core/shell-word.ts'
import { displayText } from '../core/text.ts'
import { configHome, expandPath, type Surroundings } from './paths.ts'

/** A place where vc looks for its configuration, in order. */
export interface Candidate {
  readonly by: '--config' | '[file]' | 'VC_CONFIG' | 'home'
  readonly path: string
}

export const homeConfigFile = (at: Surroundings): string => join(configHome(at), 'vc.toml')

/** First what was asked for, then the usual place. An empty VC_CONFIG counts as none, an empty --config or [file] is refused. */
export function candidates(at: Surroundings, flag?: string, by: '--config' | '[file]' = '--config'): Candidate[] {
  if (flag?.trim() === '')
    throw usageError(
      'config_unnamed',
      `the value of ${by} is empty`,
      `name a file, or leave ${by} out (a shell variable that is not set gives an empty value)`,
    )
  const asked: Candidate[] = []
  if (flag !== undefined) asked.push({ by, path: expandPath(flag, at) })
  if (at.env.VC_CONFIG) asked.push({ by: 'VC_CONFIG', path: expandPath(at.env.VC_CONFIG, at) })
  return [...asked, { by: 'home', path: homeConfigFile(at) }]
}

const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true

function missing({ path, by }: Candidate): VcError {
  const shown = displayText(path, 500)
  const named = displayText(shellWord(path), 600)
  if (isLink(path))
    return usageError(
      'config_missing',
      `${shown} (named by ${by}) is a link that leads nowhere`,
      `look: ls -l ${named}`,
    )
  return usageError(
    'config_missing',
    `there is no configuration at ${shown} (named by ${by})`,
    `make one: vc --config ${named} config init`,
  )
}

/** The file to load; null means the built-in configuration. A file that was asked for must exist. */
export function findConfig(at: Surroundings, flag?: string, by?: '--config' | '[file]'): Candidate | null {
  const first = candidates(at, flag, by)[0]
  if (first === undefined || (first.by === 'home' && !existsSync(first.path))) return null
  if (existsSync(first.path)) return first
  throw missing(first)
}

const MAX_BYTES = 4 * 1024 * 1024

// A file of comments and empty sections, such as the example in vc's own checkout, is nobody's configuration.
function saysSomething(path: string): boolean {
  if (!lstatSync(path).isFile() || lstatSync(path).size > MAX_BYTES) return true
  return readFileSync(path, 'utf8')
    .split('\n')
    .some((line) => !/^\s*(#|$|\[[\w.]+\]\s*$)/.test(line))
}

/** Agents write to checkouts, so a vc.toml lying in the current folder is named, never obeyed. */
export function strayNotice(at: Surroundings, chosen: string | null): Warning | null {
  const stray = join(at.cwd, 'vc.toml')
  try {
    if (!existsSync(stray) || (chosen !== null && realpathSync(chosen) === realpathSync(stray))) return null
    if (!saysSomething(stray)) return null
  } catch {
    // It cannot be looked at; that it lies there is still worth saying.
  }
  return {
    code: 'config_not_loaded',
    message: 'there is a vc.toml in this folder; vc never loads it by itself, because agents write to checkouts',
    fix: 'if you mean it: vc --config ./vc.toml …',
  }
}

const unsafe = (message: string, fix: string): VcError => usageError('config_unsafe', message, fix)

function checkOwnership(fd: number, path: string, uid: number): void {
  const found = fstatSync(fd)
  const shown = displayText(path, 500)
  const named = displayText(shellWord(path), 600)
  if (!found.isFile())
    throw unsafe(`${shown} is not a regular file`, 'name a file, e.g. vc --config ~/.config/vc/vc.toml')
  const foreign = foreignWriter(found, uid)
  if (foreign !== null) {
    const chown = `run vc as its owner, or make the file yours: sudo chown ${uid} ${named}`
    throw unsafe(`${shown} ${foreign.says}`, foreign.by === 'owner' ? chown : `chmod go-w ${named}`)
  }
  if (found.size > MAX_BYTES) throw unsafe(`${shown} is larger than ${MAX_BYTES} bytes`, 'name a vc.toml')
}

function notText(bytes: Buffer, shown: string): VcError {
  const isWide = /^(?:fffe|feff)/.test(bytes.toString('hex', 0, 2))
  const fix = isWide ? 'it is UTF-16: save it as UTF-8' : 'save it as UTF-8'
  // The bytes of a line end stand in no other letter.
  let line = 1
  for (let from = 0, end = bytes.indexOf(10); end !== -1; from = end + 1, end = bytes.indexOf(10, from)) {
    if (!isUtf8(bytes.subarray(from, end))) break
    line += 1
  }
  return usageError('config_not_text', `${shown}${isWide ? '' : `:${line}`} is not UTF-8 text`, fix)
}

/** Text of a file that only this user can have written. Checked on the opened file, so that it cannot be swapped. */
export function readOwnFile(path: string, uid: number): string {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    const shown = displayText(path, 500)
    throw usageError('config_unreadable', `${shown} cannot be read: ${messageOf(error)}`, `look at it: ls -l ${shown}`)
  }
  try {
    checkOwnership(fd, path, uid)
    const bytes = readFileSync(fd)
    if (!isUtf8(bytes)) throw notText(bytes, displayText(path, 500))
    return new TextDecoder('utf-8').decode(bytes)
  } finally {
    closeSync(fd)
  }
}
