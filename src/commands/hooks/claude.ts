import { shellQuoted } from '../../core/shell-word.ts'
import {
  checkPlaces,
  type HookShape,
  isObject,
  type JsonObject,
  readSettings,
  stateOfHooks,
  withHooks,
  withoutHooks,
  writeSettings,
} from './json-settings.ts'
import type { HookTarget } from './target.ts'
import { isTeeCommand, teeCommand, withoutTee } from './tee-command.ts'

/** Events whose names and kinds vc keeps; none of them waits for what the tee says. */
const EVENTS = [
  'SessionStart',
  'PermissionRequest',
  'Notification',
  'Stop',
  'StopFailure',
  'SubagentStart',
  'SubagentStop',
  'PreCompact',
  'SessionEnd',
] as const

const NOTHING_BEFORE = 'exit 0'

const shapeOf = (tee: string): HookShape => ({
  events: EVENTS,
  command: teeCommand(tee, ['claude-hook'], NOTHING_BEFORE),
  group: (command) => ({ hooks: [{ type: 'command', command, timeout: 5 }] }),
  isOurs: isTeeCommand,
})

const statusCommand = (settings: JsonObject): unknown =>
  isObject(settings.statusLine) ? settings.statusLine.command : undefined

/** The status line goes through the tee, with whatever command stood there running behind it. */
function withStatusLine(settings: JsonObject, tee: string): JsonObject {
  const line = isObject(settings.statusLine) ? settings.statusLine : { type: 'command' }
  const before = typeof line.command === 'string' ? line.command : ''
  const own = before === '' ? [] : [shellQuoted(before)]
  const command = teeCommand(tee, ['claude-statusline', ...own], before === '' ? NOTHING_BEFORE : before)
  return { ...settings, statusLine: { ...line, command } }
}

function withoutStatusLine(settings: JsonObject): JsonObject {
  const command = statusCommand(settings)
  if (!isTeeCommand(command)) return settings
  const before = withoutTee(command)
  const { statusLine, ...rest } = settings
  return before === NOTHING_BEFORE
    ? rest
    : { ...settings, statusLine: { ...(statusLine as JsonObject), command: before } }
}

/** Claude Code's user settings (agents-claude.md 6). */
export const claudeTarget = (file: string, tee: string): HookTarget => ({
  cli: 'claude',
  file,
  about:
    'rate limits seconds after each answer, and moments of permission, stop and failure; the status line runs as before',
  install(text) {
    const settings = withoutStatusLine(checkPlaces(readSettings(text, file), EVENTS, file))
    return writeSettings(withStatusLine(withHooks(settings, shapeOf(tee)), tee), text)
  },
  remove: (text) => writeSettings(withoutStatusLine(withoutHooks(readSettings(text, file), shapeOf(tee))), text),
  state(text) {
    const settings = readSettings(text, file)
    const hooks = stateOfHooks(settings, shapeOf(tee))
    const command = statusCommand(settings)
    const line = isTeeCommand(command)
    if (hooks === 'all' && line && command.includes(shellQuoted(tee))) return 'all'
    return hooks === 'none' && !line ? 'none' : 'some'
  },
})
