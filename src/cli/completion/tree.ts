import type { Command, Option } from 'commander'

/** What a shell needs to know of a command. */
export interface CompletionNode {
  readonly name: string
  readonly about: string
  readonly options: readonly CompletionOption[]
  readonly children: readonly CompletionNode[]
}

export interface CompletionOption {
  /** `--config`, `-V`, … */
  readonly flags: readonly string[]
  readonly about: string
  readonly takesValue: boolean
  readonly choices: readonly string[]
}

const optionOf = (option: Option): CompletionOption => ({
  flags: [option.short, option.long].filter((flag) => flag !== undefined),
  about: option.description,
  takesValue: option.required || option.optional,
  choices: option.argChoices ?? [],
})

const HELP: CompletionOption = { flags: ['-h', '--help'], about: 'show help', takesValue: false, choices: [] }

/** The command tree as data, hidden commands left out. */
export const completionTree = (command: Command): CompletionNode => ({
  name: command.name(),
  about: command.description().replace(/\s+/g, ' '),
  options: [...command.options.filter((option) => !option.hidden).map(optionOf), HELP],
  children: command.commands.map(completionTree),
})

/** Every node with the words that lead to it (`[]` for vc itself). */
export const allNodes = (
  node: CompletionNode,
  path: readonly string[] = [],
): readonly { readonly path: readonly string[]; readonly node: CompletionNode }[] => [
  { path, node },
  ...node.children.flatMap((child) => allNodes(child, [...path, child.name])),
]
