const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/

/** A word as a POSIX shell takes it for one, to be pasted. */
export const shellWord = (word: string): string => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

/** Words as a line for a POSIX shell: what needs quotes gets them, so that foreign names stay one word. */
export const pasteable = (words: readonly string[]): string => words.map(shellWord).join(' ')
