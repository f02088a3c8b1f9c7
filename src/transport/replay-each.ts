/** An answer made of one piece per argument, for scripts that take a list and answer in its order. */
export interface EachAnswer {
  readonly argsPerItem: number
  /** Which of an item's arguments (from 0) names its piece. */
  readonly keyArg: number
  readonly head: string
  readonly tail: string
  /** By key; `@{i}` is the position of the item, from 1. */
  readonly items: Readonly<Record<string, string>>
  /** For keys that are not recorded. */
  readonly otherwise: string
}

/** The pieces for these arguments, in their order. */
export function eachText(each: EachAnswer, args: readonly string[]): string {
  const count = Math.ceil(args.length / each.argsPerItem)
  const pieces = Array.from({ length: count }, (_, i) => {
    const key = args[i * each.argsPerItem + each.keyArg] ?? ''
    const piece = Object.hasOwn(each.items, key) ? each.items[key] : undefined
    return (piece ?? each.otherwise).replaceAll('@{i}', String(i + 1))
  })
  return [each.head, ...pieces, each.tail].join('')
}
