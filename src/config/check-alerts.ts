import { readClockSpan } from '../core/clock-span.ts'
import { ConditionError, readCondition } from '../core/condition.ts'
import { nearestName, suggestName } from '../core/nearest.ts'
import { displayText } from '../core/text.ts'
import type { Draft } from './checks.ts'
import { keyText, valueAt } from './issues.ts'
import { QUERY_NAMES, RULE_NAMES } from './named-elsewhere.ts'
import type { KeyPath } from './positions.ts'

const blocksOf = (draft: Draft, path: KeyPath): readonly Readonly<Record<string, unknown>>[] => {
  const list = valueAt(draft.root, path)
  return Array.isArray(list) ? list.filter((one) => typeof one === 'object' && one !== null) : []
}

const checkNamesOnce = (draft: Draft, list: KeyPath, key: string): void => {
  const seen = new Set<string>()
  for (const [index, block] of blocksOf(draft, list).entries()) {
    const name = block[key]
    if (typeof name !== 'string') continue
    const path = [...list, index, key]
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(name))
      draft.add({
        severity: 'error',
        code: 'bad_name',
        path,
        message: `${keyText(draft.root, path)} '${displayText(name, 64)}' may hold only letters, digits and . _ -`,
        fix: 'choose a short name like ops or load-hot',
      })
    if (seen.has(name))
      draft.add({
        severity: 'error',
        code: 'duplicate_name',
        path,
        message: `'${displayText(name, 64)}' appears twice in ${list.join('.')}; names must be unique`,
        fix: 'give one of them another name',
      })
    seen.add(name)
  }
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

const urlProblem = (
  value: string,
): { readonly severity: 'error' | 'warning'; readonly message: string; readonly fix: string } | null => {
  const url = URL.parse(value)
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    return { severity: 'error', message: 'is no http or https address', fix: 'write https://host/path' }
  if (url.username !== '' || url.password !== '')
    return {
      severity: 'error',
      message: 'holds a user or password',
      fix: 'use token_env, or url_env for a secret address',
    }
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname))
    return { severity: 'warning', message: 'sends alerts unencrypted over the network', fix: 'write https://' }
  return null
}

const needsAddress: ReadonlySet<unknown> = new Set(['webhook', 'slack', 'discord', 'ntfy'])

const checkChannel = (draft: Draft, block: Readonly<Record<string, unknown>>, path: KeyPath): void => {
  const error = (key: string, message: string, fix: string): void =>
    draft.add({ severity: 'error', code: 'bad_channel', path: [...path, key], message, fix })
  const { kind, url, url_env: urlEnv, command } = block
  if (needsAddress.has(kind) && url === undefined && urlEnv === undefined)
    error(
      'kind',
      `${keyText(draft.root, path)} is a ${String(kind)} without address`,
      'add: url = "https://…", or url_env = "NAME"',
    )
  if (kind === 'command' && (!Array.isArray(command) || command.length === 0))
    error(
      'kind',
      `${keyText(draft.root, path)} is a command without program`,
      'add: command = ["/usr/local/bin/page-me"]',
    )
  if (kind === 'agent_mail' && (!block.project || !block.sender || !Array.isArray(block.to) || block.to.length === 0))
    error(
      'kind',
      `${keyText(draft.root, path)} sends mail without project, sender or recipients`,
      'add: project = "/srv/code/app", sender = "BlueLake", to = ["GreenCastle"] (agents registered in Agent Mail)',
    )
  const bad = typeof url === 'string' && url !== '' ? urlProblem(url) : null
  if (bad !== null) {
    const at = [...path, 'url']
    draft.add({
      severity: bad.severity,
      code: 'bad_url',
      path: at,
      message: `${keyText(draft.root, at)} ${bad.message}`,
      fix: bad.fix,
    })
  }
}

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

/** What is wrong with the name of a rule; null: there is such a rule. */
const ruleTrouble = (draft: Draft, rule: string): { readonly message: string; readonly fix: string } | null => {
  const own = blocksOf(draft, ['rules']).flatMap(({ id }) => (typeof id === 'string' ? [id] : []))
  if (own.includes(rule)) return { message: `names '${rule}', a rule of this file`, fix: `write "user:${rule}"` }
  const known = [...RULE_NAMES, ...own.map((id) => `user:${id}`)]
  if (known.includes(rule)) return null
  const what = rule.startsWith('user:') ? 'no [[rules]] has that id' : 'there is no such rule'
  const near = nearestName(rule, known)
  return {
    message: `names '${displayText(rule, 80)}', and ${what}`,
    fix: near === null ? 'names of all: vc alert rules' : `did you mean '${near}'?`,
  }
}

/** Names of which none exists make a channel that is never told of anything, and nobody would notice. */
const checkHeard = (draft: Draft, block: Readonly<Record<string, unknown>>, path: KeyPath): void => {
  const warn = (key: string, message: string, fix: string): void =>
    draft.add({
      severity: 'warning',
      code: 'silent_channel',
      path: [...path, key],
      message: `${keyText(draft.root, [...path, key])} ${message}`,
      fix,
    })
  if (block.only_escalated === true && valueAt(draft.root, ['alerts', 'escalate_minutes']) === undefined)
    warn(
      'only_escalated',
      'waits for what is never sent: nothing is escalated',
      'add to [alerts]: escalate_minutes = 30',
    )
  for (const rule of texts(block.rules)) {
    const trouble = ruleTrouble(draft, rule)
    if (trouble !== null) warn('rules', trouble.message, trouble.fix)
  }
  const machines = blocksOf(draft, ['machines'])
  // A file that names no machine looks at this one, whose name it cannot know.
  if (machines.length === 0) return
  for (const machine of texts(block.machines))
    if (!machines.some(({ id }) => id === machine))
      warn(
        'machines',
        `names '${displayText(machine, 80)}', and no machine is called so`,
        suggestName(
          machine,
          machines.map(({ id }) => String(id)),
        ),
      )
  const tags = new Set(machines.flatMap((machine) => texts(machine.tags)))
  for (const tag of texts(block.tags))
    if (!tags.has(tag)) {
      const near = nearestName(tag, tags)
      const fix = near === null ? 'add it to the tags of a machine' : `did you mean '${near}'?`
      warn('tags', `names '${displayText(tag, 80)}', a tag no machine has`, fix)
    }
}

/** A rule that is switched off goes on judging when its name has a slip. */
const checkDisabled = (draft: Draft): void => {
  const path = ['alerts', 'disabled_rules']
  for (const rule of texts(valueAt(draft.root, path))) {
    const trouble = ruleTrouble(draft, rule)
    if (trouble === null) continue
    const { message, fix } = trouble
    draft.add({
      severity: 'warning',
      code: 'unknown_rule',
      path,
      message: `${keyText(draft.root, path)} ${message}`,
      fix,
    })
  }
}

const checkQuiet = (draft: Draft, path: KeyPath): void => {
  const value = valueAt(draft.root, path)
  if (typeof value !== 'string' || value === '' || readClockSpan(value) !== null) return
  const message = `${keyText(draft.root, path)} must be two clock times, not ${JSON.stringify(displayText(value, 20))}`
  draft.add({ severity: 'error', code: 'bad_time', path, message, fix: 'write for example "22:00-07:00"' })
}

const checkWhen = (draft: Draft, when: unknown, path: KeyPath): void => {
  if (typeof when !== 'string' || when === '') return
  try {
    readCondition(when)
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error
    const message = `${keyText(draft.root, path)} cannot be read: ${displayText(error.message, 120)} (character ${error.at + 1})`
    const fix = 'write for example: when = "load5 > cores * 1.5 and not (status == \'offline\')"'
    draft.add({ severity: 'error', code: 'bad_condition', path, message, fix })
  }
}

const checkQuery = (draft: Draft, query: unknown, path: KeyPath): void => {
  if (typeof query !== 'string' || query === '' || QUERY_NAMES.includes(query)) return
  const message = `${keyText(draft.root, path)} names '${displayText(query, 64)}', and there is no such query`
  draft.add({ severity: 'warning', code: 'unknown_query', path, message, fix: suggestQuery(query) })
}

const suggestQuery = (query: string): string => {
  const near = nearestName(query, QUERY_NAMES)
  return near === null ? 'names of all: vc robot-docs topics' : `did you mean '${near}'?`
}

/** Channels that can be reached, hours that can be read, names that are unique. */
export function checkAlerts(draft: Draft): void {
  checkNamesOnce(draft, ['alerts', 'channels'], 'name')
  checkNamesOnce(draft, ['rules'], 'id')
  checkQuiet(draft, ['alerts', 'quiet_hours'])
  checkDisabled(draft)
  for (const [index, block] of blocksOf(draft, ['alerts', 'channels']).entries()) {
    const path = ['alerts', 'channels', index]
    checkChannel(draft, block, path)
    checkHeard(draft, block, path)
    checkQuiet(draft, [...path, 'quiet_hours'])
  }
  for (const [index, block] of blocksOf(draft, ['rules']).entries()) {
    const path = ['rules', index]
    checkWhen(draft, block.when, [...path, 'when'])
    checkQuery(draft, block.query, [...path, 'query'])
    if (block.query === undefined && block.sql === undefined)
      draft.add({
        severity: 'error',
        code: 'rule_without_query',
        path,
        message: `${keyText(draft.root, path)} names no query`,
        fix: 'add: query = "machines" (vc robot-docs topics), or sql = "SELECT …"',
      })
  }
}
