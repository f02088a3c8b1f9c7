/** One block of the answer: its words, and the lines below it. */
export interface Block {
  readonly name: string
  readonly words: readonly string[]
  /** The line that opened it, behind the nonce. */
  readonly head: string
  readonly lines: readonly string[]
}

/** Cuts the answer at the lines that carry its nonce. Null: cut off, or not an answer of this ask at all. */
export const blocksOf = (text: string, nonce: string): readonly Block[] | null => {
  const marker = `@${nonce} `
  const blocks: { head: string; lines: string[] }[] = []
  const lines = text.split('\n')
  lines.pop()
  for (const line of lines) {
    if (line.startsWith(marker)) blocks.push({ head: line.slice(marker.length), lines: [] })
    else blocks.at(-1)?.lines.push(line)
  }
  const made = blocks.map(({ head, lines: below }) => {
    const [name = '', ...words] = head.split(/[ \u001f]/)
    return { name, words, head, lines: below }
  })
  return made[0]?.head === 'begin 1' && made.at(-1)?.name === 'end' ? made : null
}

export const blockNamed = (blocks: readonly Block[], name: string): Block | null =>
  blocks.find((block) => block.name === name) ?? null
