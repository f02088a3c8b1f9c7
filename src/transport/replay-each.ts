/** An answer made of one piece per argument, for scripts that take a list and answer in its order. */
export interface EachAnswer {
  /** Arguments before the list. */
  readonly skipArgs: number
  readonly argsPerItem: number
  /** Which of an item's arguments (from 0) names its piece. */
  readonly keyArg: number
  readonly head: string
  readonly tail: string
  /** By key; `@{i}` is the position of the item from 1, `@{i0}` from 0. */
  readonly items: Readonly<Record<string, string>>
  /** For keys that are not recorded. */
  readonly otherwise: string
}

/** The pieces for these arguments, in their order. */
export function eachText(each: EachAnswer, args: readonly string[]): string {
  const list = args.slice(each.skipArgs)
  const count = Math.ceil(list.length / each.argsPerItem)
  const pieces = Array.from({ length: count }, (_, i) => {
    const key = list[i * each.argsPerItem + each.keyArg] ?? ''
    const piece = Object.hasOwn(each.items, key) ? each.items[key] : undefined
    return (piece ?? each.otherwise).replaceAll('@{i}', String(i + 1)).replaceAll('@{i0}', String(i))
  })
  return [each.head, ...pieces, each.tail].join('')
}
