/** A value of a condition; null is unknown, and what rests on it is unknown too. */
export type Value = number | string | boolean | null

/** What a condition is asked about. A name that nobody knows gives undefined. */
export interface Surroundings {
  value(name: string): Value | undefined
  /** The value some minutes ago; undefined when nobody remembers. */
  earlier(name: string): Value | undefined
}

export interface Condition {
  /** Column names in the order they first stand in it. */
  readonly names: readonly string[]
  /** Throws UnknownName for a name that is not there. */
  evaluate(around: Surroundings): Value
}

/** Where and why a condition cannot be read; `at` counts from 0. */
export class ConditionError extends Error {
  readonly at: number
  constructor(message: string, at: number) {
    super(message)
    this.name = 'ConditionError'
    this.at = at
  }
}

export class UnknownName extends Error {
  readonly unknown: string
  constructor(unknown: string) {
    super(`there is no column '${unknown}'`)
    this.name = 'UnknownName'
    this.unknown = unknown
  }
}

type Node = (around: Surroundings) => Value

interface Token {
  readonly kind: 'number' | 'text' | 'name' | 'sign' | 'end'
  readonly text: string
  readonly at: number
}

const TOKEN =
  /\s*(?:(?<number>\d{1,18}(?:\.\d{1,18})?)|"(?<double>[^"\\]{0,200})"|'(?<single>[^'\\]{0,200})'|(?<name>[A-Za-z_][A-Za-z0-9_.]{0,63})|(?<sign><=|>=|==|!=|[<>+\-*/%(),=]))/y

const MAX_CHARS = 500
const MAX_DEPTH = 40

const tokensOf = (text: string): readonly Token[] => {
  if (text.length > MAX_CHARS) throw new ConditionError(`it is longer than ${MAX_CHARS} characters`, MAX_CHARS)
  const tokens: Token[] = []
  const end = text.trimEnd().length
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    const groups = match?.groups
    if (match === null || groups === undefined)
      throw new ConditionError(`'${text.slice(from).trim().slice(0, 12)}' is not understood`, from)
    const at = from + match[0].search(/\S/)
    if (groups.number !== undefined) tokens.push({ kind: 'number', text: groups.number, at })
    else if (groups.name !== undefined) tokens.push({ kind: 'name', text: groups.name, at })
    else if (groups.sign !== undefined) tokens.push({ kind: 'sign', text: groups.sign, at })
    else tokens.push({ kind: 'text', text: groups.double ?? groups.single ?? '', at })
  }
  return [...tokens, { kind: 'end', text: '', at: text.length }]
}

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
}

const compute = (sign: string, a: Value, b: Value): Value => {
  if (typeof a !== 'number' || typeof b !== 'number') return null
  const result = ARITHMETIC[sign]?.(a, b) ?? Number.NaN
  return Number.isFinite(result) ? result : null
}

const compare = (sign: string, a: Value, b: Value): Value => {
  if (a === null || b === null || typeof a !== typeof b) return null
  switch (sign) {
    case '<': return a < b
    case '<=': return a <= b
    case '>': return a > b
    case '>=': return a >= b
    case '!=': return a !== b
    default: return a === b
  } // biome-ignore format: a table
}

// Three values: what is unknown decides nothing, and what decides alone does not ask for the rest.
const both = (a: Value, b: Value): Value =>
  a === false || b === false ? false : a === true && b === true ? true : null
const either = (a: Value, b: Value): Value =>
  a === true || b === true ? true : a === false && b === false ? false : null

const contains = (a: Value, b: Value): Value =>
  typeof a === 'string' && typeof b === 'string' ? a.toLowerCase().includes(b.toLowerCase()) : null

const COMPARISONS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '==', '=', '!='])
const WORDS: ReadonlySet<string> = new Set(['and', 'or', 'not', 'contains', 'true', 'false', 'null'])

/** Recursive descent: or, and, not, comparison, sum, product, sign, value. */
class Reader {
  private at = 0
  private depth = 0
  readonly names = new Set<string>()
  private readonly tokens: readonly Token[]
  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  whole(): Node {
    const node = this.or()
    if (this.next.kind !== 'end') throw this.surprise('an operator such as and, or, <')
    return node
  }

  private get next(): Token {
    return this.tokens[this.at] as Token
  }

  private take(kind: Token['kind'], ...texts: readonly string[]): string | null {
    const { next } = this
    if (next.kind !== kind || (texts.length > 0 && !texts.includes(next.text))) return null
    this.at++
    return next.text
  }

  private surprise(wanted: string): ConditionError {
    const { kind, text, at } = this.next
    return new ConditionError(`${kind === 'end' ? 'it ends' : `'${text}' stands`} where ${wanted} is expected`, at)
  }

  private nested<Result>(read: () => Result): Result {
    if (++this.depth > MAX_DEPTH) throw new ConditionError('it is nested too deeply', this.next.at)
    const result = read()
    this.depth--
    return result
  }

  private or(): Node {
    let left = this.and()
    while (this.take('name', 'or') !== null) {
      const [a, b] = [left, this.and()]
      left = (around) => either(a(around), b(around))
    }
    return left
  }

  private and(): Node {
    let left = this.not()
    while (this.take('name', 'and') !== null) {
      const [a, b] = [left, this.not()]
      left = (around) => both(a(around), b(around))
    }
    return left
  }

  private not(): Node {
    if (this.take('name', 'not') === null) return this.comparison()
    const inner = this.nested(() => this.not())
    return (around) => {
      const value = inner(around)
      return typeof value === 'boolean' ? !value : null
    }
  }

  private comparison(): Node {
    const left = this.sum()
    if (this.take('name', 'contains') !== null) {
      const part = this.sum()
      return (around) => contains(left(around), part(around))
    }
    const sign = this.take('sign', ...COMPARISONS)
    if (sign === null) return left
    const right = this.sum()
    return (around) => compare(sign, left(around), right(around))
  }

  private sum(): Node {
    return this.chain(['+', '-'], () => this.product())
  }

  private product(): Node {
    return this.chain(['*', '/', '%'], () => this.signed())
  }

  private chain(signs: readonly string[], part: () => Node): Node {
    let left = part()
    for (let sign = this.take('sign', ...signs); sign !== null; sign = this.take('sign', ...signs)) {
      const [a, b, by] = [left, part(), sign]
      left = (around) => compute(by, a(around), b(around))
    }
    return left
  }

  private signed(): Node {
    if (this.take('sign', '-') === null) return this.primary()
    const inner = this.nested(() => this.signed())
    return (around) => compute('-', 0, inner(around))
  }

  private primary(): Node {
    const number = this.take('number')
    if (number !== null) return () => Number(number)
    const text = this.take('text')
    if (text !== null) return () => text
    if (this.take('sign', '(') !== null) {
      const inner = this.nested(() => this.or())
      if (this.take('sign', ')') === null) throw this.surprise(')')
      return inner
    }
    return this.named()
  }

  private named(): Node {
    const { next } = this
    if (next.kind !== 'name' || ['and', 'or', 'not', 'contains'].includes(next.text)) throw this.surprise('a value')
    this.at++
    if (next.text === 'true' || next.text === 'false') return () => next.text === 'true'
    if (next.text === 'null') return () => null
    return this.take('sign', '(') === null ? this.column(next) : this.call(next)
  }

  private column({ text }: Token): Node {
    this.names.add(text)
    return (around) => {
      const value = around.value(text)
      if (value === undefined) throw new UnknownName(text)
      return value
    }
  }

  private call(name: Token): Node {
    const column = this.take('name')
    if (column === null || WORDS.has(column)) throw this.surprise('a column')
    if (this.take('sign', ')') === null) throw this.surprise(')')
    const now = this.column({ ...name, text: column })
    switch (name.text) {
      case 'known':
        return (around) => now(around) !== null
      case 'change':
        return (around) => compute('-', now(around), around.earlier(column) ?? null)
      default:
        throw new ConditionError(`there is no function '${name.text}': known and change are`, name.at)
    }
  }
}

/** Reads `load5 > cores * 1.5 and not (status == "offline")`. Throws ConditionError. Nothing is ever executed. */
export const readCondition = (text: string): Condition => {
  const reader = new Reader(tokensOf(text))
  const node = reader.whole()
  return { names: [...reader.names], evaluate: node }
}
