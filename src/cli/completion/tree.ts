import type { Command, Option } from 'commander'

/** What stands in a place: ids that `vc __words` tells, or words known beforehand. */
export type Values = 'machines' | 'agents' | readonly string[]

/** What a shell needs to know of a command. */
export interface CompletionNode {
  readonly name: string
  readonly about: string
  readonly options: readonly CompletionOption[]
  readonly children: readonly CompletionNode[]
  /** What its first argument may be; null = nothing to offer. */
  readonly values: Values | null
}

export interface CompletionOption {
  /** `--config`, `-V`, … */
  readonly flags: readonly string[]
  readonly about: string
  readonly takesValue: boolean
  readonly values: Values | null
}

/** Words that are known beforehand. */
export interface KnownWords {
  readonly collectors: readonly string[]
  readonly topics: readonly { readonly name: string; readonly about: string }[]
}

const OPTION_VALUES = {
  '--machine': 'machines',
  '--machines': 'machines',
  '--agent': 'agents',
  '--collector': 'collectors',
  '--source': 'collectors',
} as const

const ARGUMENT_VALUES = { agent: 'agents', collector: 'collectors' } as const

const valuesOf = (kind: 'machines' | 'agents' | 'collectors' | undefined, known: KnownWords): Values | null =>
  kind === 'collectors' ? known.collectors : (kind ?? null)

const optionOf = (option: Option, known: KnownWords): CompletionOption => ({
  flags: [option.short, option.long].filter((flag) => flag !== undefined),
  about: option.description,
  takesValue: option.required || option.optional,
  values: option.argChoices ?? valuesOf(OPTION_VALUES[option.long as keyof typeof OPTION_VALUES], known),
})

const HELP: CompletionOption = { flags: ['-h', '--help'], about: 'show help', takesValue: false, values: null }

const argumentValues = (command: Command, known: KnownWords): Values | null => {
  const [first] = command.registeredArguments
  if (first === undefined) return null
  if (first.argChoices) return first.argChoices
  // A machine is `<id>` below `vc machines`; a new one has no name yet.
  if (command.parent?.name() === 'machines') return command.name() === 'add' ? null : 'machines'
  return valuesOf(ARGUMENT_VALUES[first.name() as keyof typeof ARGUMENT_VALUES], known)
}

const topicNode = (topic: KnownWords['topics'][number]): CompletionNode => ({
  ...topic,
  options: [],
  children: [],
  values: topic.name === 'machine' ? 'machines' : topic.name === 'agent' || topic.name === 'explain' ? 'agents' : null,
})

/** The command tree as data, hidden commands left out; the topics of `vc robot` stand as its commands. */
export const completionTree = (command: Command, known: KnownWords): CompletionNode => ({
  name: command.name(),
  about: command.description().replace(/\s+/g, ' '),
  options: [...command.options.filter((option) => !option.hidden).map((option) => optionOf(option, known)), HELP],
  children:
    command.registeredArguments[0]?.name() === 'topic'
      ? known.topics.map(topicNode)
      : command.commands.map((child) => completionTree(child, known)),
  values: argumentValues(command, known),
})

/** Every node with the words that lead to it (`[]` for vc itself). */
export const allNodes = (
  node: CompletionNode,
  path: readonly string[] = [],
): readonly { readonly path: readonly string[]; readonly node: CompletionNode }[] => [
  { path, node },
  ...node.children.flatMap((child) => allNodes(child, [...path, child.name])),
]
