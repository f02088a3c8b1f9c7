import { parse } from 'smol-toml'
import { placeAt, positionsOf } from '../../config/index.ts'
import { usageError } from '../../core/errors.ts'
import { shellQuoted } from '../../core/shell-word.ts'
import type { HookTarget } from './target.ts'

const MARK = 'vc-tee'

/** Codex appends its JSON as the last word; without the tee the program that stood there before runs alone. */
const argvOf = (tee: string, before: readonly string[]): readonly string[] => [
  '/bin/sh', '-c',
  `[ -x ${shellQuoted(tee)} ] && exec ${shellQuoted(tee)} codex-notify "$@"; [ $# -gt 1 ] && exec "$@"; exit 0`,
  MARK, ...before,
] // biome-ignore format: one command

const isOurs = (notify: unknown): notify is readonly string[] =>
  Array.isArray(notify) && notify[0] === '/bin/sh' && notify[1] === '-c' && notify[3] === MARK

const beforeOf = (notify: unknown): readonly string[] => {
  if (isOurs(notify)) return notify.slice(4)
  return Array.isArray(notify) && notify.every((word) => typeof word === 'string') ? notify : []
}

function notifyOf(text: string, file: string): unknown {
  try {
    return parse(text).notify
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    throw usageError(
      'hooks_settings',
      `${file} is no TOML that vc can read: ${why}`,
      'correct it first: codex --version reads it too',
    )
  }
}

const lineOf = (argv: readonly string[]): string => `notify = [${argv.map((word) => JSON.stringify(word)).join(', ')}]`

/** The text with its `notify` replaced, put first, or (null) taken out; every other byte stays. */
function edited(text: string, argv: readonly string[] | null): string {
  const place = placeAt(positionsOf(text), ['notify'])
  if (place === undefined) return argv === null ? text : `${lineOf(argv)}\n${text}`
  if (argv !== null) return text.slice(0, place.start) + lineOf(argv) + text.slice(place.end)
  return text.slice(0, place.start) + text.slice(place.end).replace(/^[ \t]*\r?\n/, '')
}

/** Codex's `notify` program (agents-codex.md 5). Its hooks need a person's trust for each entry, so vc installs none. */
export const codexTarget = (file: string, tee: string): HookTarget => ({
  cli: 'codex',
  file,
  about: 'the moment a turn ends; a notify program of yours runs as before',
  install: (text) => edited(text ?? '', argvOf(tee, beforeOf(notifyOf(text ?? '', file)))),
  remove(text) {
    const notify = notifyOf(text, file)
    if (!isOurs(notify)) return text
    const before = beforeOf(notify)
    return edited(text, before.length > 0 ? before : null)
  },
  state(text) {
    const notify = notifyOf(text ?? '', file)
    if (!isOurs(notify)) return 'none'
    return notify[2] === argvOf(tee, [])[2] ? 'all' : 'some'
  },
})
