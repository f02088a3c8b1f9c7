const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/

/** Text as it stands between single quotes. */
export const insideQuotes = (text: string): string => text.replaceAll("'", `'\\''`)

/** One word for a POSIX shell, whatever it holds. */
export const shellQuoted = (text: string): string => `'${insideQuotes(text)}'`

/** A word as a POSIX shell takes it for one, to be pasted: quoted only where it must be. */
export const shellWord = (word: string): string => (PLAIN.test(word) ? word : shellQuoted(word))

/** Words as a line for a POSIX shell: what needs quotes gets them, so that foreign names stay one word. */
export const pasteable = (words: readonly string[]): string => words.map(shellWord).join(' ')
