import { usageError } from '../../core/errors.ts'
import type { HookState } from './target.ts'

export type JsonObject = { [key: string]: unknown }

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object in a settings file. Throws VcError `hooks_settings` naming the file and what is wrong with it. */
export function readSettings(text: string | null, file: string): JsonObject {
  if (text === null || text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch (error) {
    throw usageError(
      'hooks_settings',
      `${file} is not plain JSON: ${error instanceof Error ? error.message : String(error)}`,
      'correct it, or take its comments out; vc does not rewrite what it cannot read',
    )
  }
  throw usageError('hooks_settings', `${file} does not hold a JSON object`, 'correct it first')
}

const indentOf = (text: string | null): string => /^([ \t]+)"/m.exec(text ?? '')?.[1] ?? '  '

/** The settings as text, indented as the file was. */
export const writeSettings = (settings: JsonObject, before: string | null): string =>
  JSON.stringify(settings, null, indentOf(before)) + (before === null || before.endsWith('\n') ? '\n' : '')

const groupsOf = (hooks: JsonObject, event: string): readonly unknown[] => {
  const groups = hooks[event]
  return Array.isArray(groups) ? groups : []
}

const commandsOf = (group: unknown): readonly unknown[] =>
  isObject(group) && Array.isArray(group.hooks) ? group.hooks.map((hook) => (isObject(hook) ? hook.command : null)) : []

/** How an event's entries stand: ours is a group of its own with one command. */
export interface HookShape {
  readonly events: readonly string[]
  readonly command: string
  readonly group: (command: string) => JsonObject
  isOurs(command: unknown): boolean
}

const strange = (file: string, what: string): never => {
  throw usageError('hooks_settings', `${file}: ${what}`, 'correct it there; vc puts nothing over what it does not know')
}

/** Throws VcError `hooks_settings` where something stands that our entries would replace instead of joining it. */
export function checkPlaces(settings: JsonObject, events: readonly string[], file: string): JsonObject {
  const hooks = settings.hooks ?? {}
  if (!isObject(hooks)) return strange(file, '“hooks” holds something else than an object')
  const odd = events.find((event) => !Array.isArray(hooks[event] ?? []))
  if (odd !== undefined) return strange(file, `“hooks.${odd}” holds something else than a list`)
  const line = settings.statusLine ?? {}
  if (!isObject(line)) return strange(file, '“statusLine” holds something else than an object')
  return typeof (line.command ?? '') === 'string' ? settings : strange(file, '“statusLine.command” is no text')
}

/** Settings with one group of ours per event, behind everybody else's; ours from before are replaced. */
export function withHooks(settings: JsonObject, shape: HookShape): JsonObject {
  const clean = withoutHooks(settings, shape)
  const hooks = isObject(clean.hooks) ? clean.hooks : {}
  const ours = shape.events.map((event) => [event, [...groupsOf(hooks, event), shape.group(shape.command)]])
  return { ...clean, hooks: { ...hooks, ...Object.fromEntries(ours) } }
}

/** Settings without our groups; an event or a `hooks` that held nothing else goes too. */
export function withoutHooks(settings: JsonObject, shape: HookShape): JsonObject {
  if (!isObject(settings.hooks)) return settings
  const isOurs = (group: unknown): boolean => commandsOf(group).some((command) => shape.isOurs(command))
  const kept = Object.entries(settings.hooks).flatMap(([event, groups]) => {
    if (!Array.isArray(groups) || !groups.some(isOurs)) return [[event, groups] as const]
    const others = groups.filter((group) => !isOurs(group))
    return others.length > 0 ? [[event, others] as const] : []
  })
  const { hooks: _, ...rest } = settings
  return kept.length > 0 ? { ...settings, hooks: Object.fromEntries(kept) } : rest
}

export function stateOfHooks(settings: JsonObject, shape: HookShape): HookState {
  const hooks = isObject(settings.hooks) ? settings.hooks : {}
  const has = (event: string, test: (command: unknown) => boolean): boolean =>
    groupsOf(hooks, event).some((group) => commandsOf(group).some(test))
  const current = shape.events.filter((event) => has(event, (command) => command === shape.command)).length
  if (current === shape.events.length) return 'all'
  return Object.keys(hooks).some((event) => has(event, shape.isOurs)) ? 'some' : 'none'
}
