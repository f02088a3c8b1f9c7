import {
  checkPlaces,
  type HookShape,
  readSettings,
  stateOfHooks,
  withHooks,
  withoutHooks,
  writeSettings,
} from './json-settings.ts'
import type { HookTarget } from './target.ts'
import { isTeeCommand, teeCommand } from './tee-command.ts'

const EVENTS = ['SessionStart', 'Notification', 'AfterAgent', 'PreCompress', 'SessionEnd'] as const

const shapeOf = (tee: string): HookShape => ({
  events: EVENTS,
  command: teeCommand(tee, ['gemini-hook'], 'exit 0'),
  group: (command) => ({ hooks: [{ name: 'vc', type: 'command', command, timeout: 5_000 }] }),
  isOurs: isTeeCommand,
})

/** Gemini CLI's user settings (agents-gemini.md 5). */
export const geminiTarget = (file: string, tee: string): HookTarget => ({
  cli: 'gemini',
  file,
  about: 'moments of permission and of the end of a turn; Gemini shows a line about hooks it does not trust yet',
  install: (text) => writeSettings(withHooks(checkPlaces(readSettings(text, file), EVENTS, file), shapeOf(tee)), text),
  remove: (text) => writeSettings(withoutHooks(readSettings(text, file), shapeOf(tee)), text),
  state: (text) => stateOfHooks(readSettings(text, file), shapeOf(tee)),
})
