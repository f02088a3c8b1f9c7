import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { displayText } from '../core/text.ts'

const ofProcess = (pid: number, name: 'cmdline' | 'stat'): string => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}

const SCRIPT = /(^|\/)(vc|vc\.js|main\.[jt]s)$/
const VERB = /^[a-z][a-z-]*$/

// What follows the verb may be anybody's words: it is not shown.
const commandIn = (cmdline: string): string | null => {
  const argv = cmdline.split('\0').filter((word) => word !== '')
  const script = argv.findIndex((word) => SCRIPT.test(word))
  if (script < 0) return argv[0] === undefined ? null : displayText(basename(argv[0]), 40)
  const verb = argv.slice(script + 1).find((word) => VERB.test(word))
  return verb === undefined ? 'vc' : `vc ${verb}`
}

/** Whether a signal stopped it: such a one ends no wait by itself. */
// The command name may hold blanks and brackets; fields are counted after its last ')'.
export const isStopped = (pid: number): boolean => /^ [Tt] /.test(ofProcess(pid, 'stat').split(')').at(-1) ?? '')

/** A process as a person can look it up: `process 4711 (vc collect)`; its number alone where the system tells no more. */
export const holderWords = (pid: number): string => {
  const command = commandIn(ofProcess(pid, 'cmdline'))
  return `process ${pid}${command === null ? '' : ` (${command}${isStopped(pid) ? ', stopped by a signal' : ''})`}`
}

/** What to do about a process that has the store and does not answer; `otherwise`: where nobody stopped it. */
export const holderFix = (pid: number, otherwise: string): string =>
  isStopped(pid) ? `let it go on: kill -CONT ${pid}` : otherwise
