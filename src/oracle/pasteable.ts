const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/

/** Words as a line for a POSIX shell: what needs quotes gets them, so that foreign names stay one word. */
export const pasteable = (words: readonly string[]): string =>
  words.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ')
