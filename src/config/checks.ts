import { isIPv6 } from 'node:net'
import { SAFE_NAME } from '../core/ids.ts'
import { whyRefused } from '../core/ssh-target.ts'
import { displayText } from '../core/text.ts'
import { keyText, valueAt } from './issues.ts'
import { type KeyPath, lineAt, type Positions } from './positions.ts'
import type { ConfigProblem } from './problems.ts'

/** The file as far as it could be read: its values, where they stand, and a way to complain. */
export interface Draft {
  readonly root: unknown
  readonly positions: Positions
  readonly add: (problem: Omit<ConfigProblem, 'file' | 'line' | 'key'> & { readonly path: KeyPath }) => void
}

const machinesOf = (draft: Draft): readonly unknown[] => {
  const machines = valueAt(draft.root, ['machines'])
  return Array.isArray(machines) ? machines : []
}

const textAt = (draft: Draft, path: KeyPath): string | null => {
  const value = valueAt(draft.root, path)
  return typeof value === 'string' ? value : null
}

function checkUnique(draft: Draft, key: 'id' | 'ssh', complain: (name: string, lines: string, path: KeyPath) => void) {
  const first = new Map<string, number | null>()
  for (const index of machinesOf(draft).keys()) {
    const path = ['machines', index, key]
    const name = textAt(draft, path)
    if (name === null) continue
    // Nobody looks at a disabled machine: it may share its target with the one that replaces it.
    if (key === 'ssh' && name !== 'local' && valueAt(draft.root, ['machines', index, 'enabled']) === false) continue
    const line = lineAt(draft.positions, path)
    if (first.has(name)) complain(displayText(name, 64), `lines ${first.get(name) ?? '?'} and ${line ?? '?'}`, path)
    else first.set(name, line)
  }
}

export function checkMachineIds(draft: Draft): void {
  checkUnique(draft, 'id', (name, lines, path) =>
    draft.add({
      severity: 'error',
      code: 'duplicate_machine',
      path,
      message: `machine id '${name}' appears twice (${lines}); ids must be unique`,
      fix: `give one of them another id, e.g. '${name}-2', or delete one block`,
    }),
  )
  checkUnique(draft, 'ssh', (name, lines, path) =>
    draft.add({
      severity: name === 'local' ? 'error' : 'warning',
      code: 'duplicate_target',
      path,
      message: `two machines are reached by ssh = "${name}" (${lines}); the same machine would be counted twice`,
      fix: 'delete one of the two blocks',
    }),
  )
}

const BRACKETED = /\[[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?\]/
const WORDS = 'letters, digits and . _ @ : % / - (not first: . @ : % / -)'

function targetProblem(target: string): { readonly message: string; readonly fix: string } | null {
  if (target === 'local' || isIPv6(target.replace(/%[A-Za-z0-9._-]+$/, ''))) return null
  const fix = "write an ssh_config alias, 'user@host', 'user@host:2222' or 'ssh://user@host:2222'"
  const authority = target.replace(/^ssh:\/\//i, '')
  const user = authority.includes('@') ? authority.slice(0, authority.lastIndexOf('@')) : ''
  if (user.includes(':')) {
    return { message: 'holds a password; vc keeps none', fix: 'use a key or an agent, and write only user@host' }
  }
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/\/$/, '')
  if (host === '') return { message: 'names no host', fix }
  if (!SAFE_NAME.test(target.replace(BRACKETED, 'v6'))) return { message: `may hold only ${WORDS}`, fix }
  if (host.includes('/')) return { message: 'has a path; a machine has none', fix }
  const port = /^(?:[^:]*@)?[^:@]*:(?<port>[^:]*)$/.exec(authority.replace(BRACKETED, 'v6'))?.groups?.port
  const number = Number(port)
  if (port !== undefined && !(/^\d+$/.test(port) && number >= 1 && number <= 65_535)) {
    return { message: `has the port "${displayText(port, 20)}"; ports are 1 to 65535`, fix }
  }
  // Whatever else stands there: what cannot be dialled later is refused now, where the line is known.
  const refused = whyRefused(target)
  return refused === null ? null : { message: `cannot be dialled: ${displayText(refused, 300)}`, fix }
}

export function checkNames(draft: Draft): void {
  for (const index of machinesOf(draft).keys()) {
    const id = textAt(draft, ['machines', index, 'id'])
    if (id && !SAFE_NAME.test(id)) {
      const message = `machine id '${displayText(id, 64)}' may hold only ${WORDS}`
      const fix = 'choose a short name like atlas or gpu-box'
      draft.add({ severity: 'error', code: 'bad_machine_id', path: ['machines', index, 'id'], message, fix })
    }
    const path = ['machines', index, 'ssh']
    const found = targetProblem(textAt(draft, path) || 'local')
    if (found === null) continue
    const message = `${keyText(draft.root, path)} ${found.message}`
    draft.add({ severity: 'error', code: 'bad_target', path, message, fix: found.fix })
  }
}

export function checkPrices(draft: Draft): void {
  const prices = valueAt(draft.root, ['prices'])
  if (typeof prices !== 'object' || prices === null) return
  for (const name of Object.keys(prices)) {
    if (/^[^/\s]+\/\S+$/.test(name)) continue
    const message = `price '${displayText(name, 60)}' names no provider`
    draft.add({
      severity: 'error',
      code: 'bad_price_name',
      path: ['prices', name],
      message,
      fix: 'write [prices."provider/model"]',
    })
  }
}

export function checkRetries(draft: Draft): void {
  const min = valueAt(draft.root, ['polling', 'retry_min_seconds']) ?? 5
  const max = valueAt(draft.root, ['polling', 'retry_max_seconds']) ?? 300
  if (typeof min !== 'number' || typeof max !== 'number' || min <= max) return
  const path = [
    'polling',
    valueAt(draft.root, ['polling', 'retry_max_seconds']) === undefined ? 'retry_min_seconds' : 'retry_max_seconds',
  ]
  const message = `polling.retry_min_seconds (${min}) is above polling.retry_max_seconds (${max})`
  draft.add({ severity: 'error', code: 'contradiction', path, message, fix: `set retry_max_seconds = ${min} or more` })
}

/** Sections that this version keeps without reading them: saying so is better than seeming to obey. */
export function checkKept(draft: Draft): void {
  for (const name of ['autopilot', 'web']) {
    const kept = valueAt(draft.root, [name])
    if (typeof kept !== 'object' || kept === null || Object.keys(kept).length === 0) continue
    const message = `[${name}] is kept, but this version does nothing with it`
    draft.add({
      severity: 'warning',
      code: 'not_used_yet',
      path: [name],
      message,
      fix: 'nothing to do; it does no harm',
    })
  }
}
