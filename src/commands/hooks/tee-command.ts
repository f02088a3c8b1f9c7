import { shellQuoted } from '../../core/shell-word.ts'

const QUOTED = String.raw`'(?:[^']|'\\'')*'`

/** A command that is ours: the test for the tee's presence, then the tee; what follows is what would run without it. */
const OURS = new RegExp(String.raw`^\[ -x (${QUOTED}) \] && exec \1 [a-z-]+(?: ${QUOTED})?; `)

/** `[ -x tee ] && exec tee <words>; <otherwise>`: when vc is gone the CLI gets what it had before. */
export const teeCommand = (tee: string, words: readonly string[], otherwise: string): string =>
  `[ -x ${shellQuoted(tee)} ] && exec ${[shellQuoted(tee), ...words].join(' ')}; ${otherwise}`

export const isTeeCommand = (command: unknown): command is string =>
  typeof command === 'string' && OURS.test(command) && command.includes('/vc-tee')

/** What stood there before vc; `exit 0` when nothing did. */
export const withoutTee = (command: string): string => command.replace(OURS, '')
