/** Tokens in vc's convention. */
export interface Tokens {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite5m: number
  readonly cacheWrite1h: number
  readonly reasoning: number
}

/** What a correct reader finds: one entry per message, with the session of its earliest record. */
export interface TruthMessage {
  readonly key: string
  readonly provider: string
  readonly session: string
  readonly model: string
  readonly tokens: Tokens
}

export class Truth {
  readonly messages = new Map<string, TruthMessage>()
  bytes = 0

  add(message: TruthMessage): void {
    if (this.messages.has(message.key)) throw new Error(`the generator made ${message.key} twice`)
    this.messages.set(message.key, message)
  }

  total(): Tokens & { readonly messages: number } {
    return sum([...this.messages.values()])
  }

  bySession(): Record<string, Tokens & { readonly messages: number }> {
    const groups = Map.groupBy(this.messages.values(), (message) => message.session)
    return Object.fromEntries([...groups].sort().map(([session, messages]) => [session, sum(messages)]))
  }
}

const sum = (messages: readonly TruthMessage[]): Tokens & { readonly messages: number } => {
  const total = { messages: 0, input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0 }
  for (const { tokens } of messages) {
    total.messages += 1
    for (const key of Object.keys(tokens) as (keyof Tokens)[]) total[key] += tokens[key]
  }
  return total
}
