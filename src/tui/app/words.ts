const PIECE = /([^\s"'\\]+)|\\([\s\S])|"((?:[^"\\]|\\[\s\S])*)"|'([^']*)'|(\s+)|["'\\]/g

/** Words of a command line as a shell would read them: quotes group, nothing is expanded. Null when a quote stays open. */
export const wordsOf = (line: string): readonly string[] | null => {
  const words: string[] = []
  let word: string | null = null
  for (const [, plain, escaped, double, single, blank] of line.matchAll(PIECE)) {
    if (blank !== undefined) {
      if (word !== null) words.push(word)
      word = null
      continue
    }
    const part: string | undefined = plain ?? escaped ?? double?.replace(/\\([\s\S])/g, '$1') ?? single
    if (part === undefined) return null
    word = (word ?? '') + part
  }
  return word === null ? words : [...words, word]
}
