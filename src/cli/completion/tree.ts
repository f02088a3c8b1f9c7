import type { Command, Option } from 'commander'
import { formatsOf, isList, type KnownWords, namedArgument, type Values, valuesOf, type WordValues } from './values.ts'

/** What a shell needs to know of a command. */
export interface CompletionNode {
  readonly name: string
  readonly about: string
  readonly options: readonly CompletionOption[]
  readonly children: readonly CompletionNode[]
  /** What its first argument may be; null = nothing to offer. */
  readonly values: WordValues | null
  /** Each further argument may be the like. */
  readonly repeats?: boolean
  readonly takesFile?: boolean
}

export interface CompletionOption {
  /** `--config`, `-V`, … */
  readonly flags: readonly string[]
  readonly about: string
  readonly takesValue: boolean
  readonly values: Values | null
  /** Several of them, with commas between. */
  readonly list?: boolean
}

/** Commands whose words are no commands of commander: the topics of `vc robot`, the pages of `vc robot-docs`. */
export type Below = Readonly<Record<string, readonly CompletionNode[]>>

const optionOf = (path: readonly string[], option: Option, known: KnownWords): CompletionOption => ({
  flags: [option.short, option.long].filter((flag) => flag !== undefined),
  about: option.description,
  takesValue: option.required || option.optional,
  values: option.argChoices ?? valuesOf(path, option.long ?? '', option.description, known),
  list: !option.variadic && isList(option.description),
})

const HELP: CompletionOption = { flags: ['-h', '--help'], about: 'show help', takesValue: false, values: null }

const formatOption = (path: readonly string[]): readonly CompletionOption[] => {
  const values = path.length === 0 ? null : formatsOf(path)
  return values === null ? [] : [{ flags: ['--format'], about: 'how to print', takesValue: true, values }]
}

const argumentValues = (command: Command, known: KnownWords): WordValues | null => {
  const [first] = command.registeredArguments
  if (first === undefined) return null
  if (first.argChoices) return first.argChoices
  // A machine is `<id>` below `vc machines`; a new one has no name yet.
  if (command.parent?.name() === 'config' && first.name() === 'key')
    return command.name() === 'explain' ? known.explained : known.keys
  if (command.parent?.name() === 'machines') return command.name() === 'add' ? null : 'machines'
  return namedArgument(first.name(), known)
}

/** The command tree as data, hidden commands left out. */
export const completionTree = (
  command: Command,
  known: KnownWords,
  below: Below = {},
  path: readonly string[] = [],
): CompletionNode => {
  const shown = command.options.filter((option) => !option.hidden)
  const options = shown.map((option) => {
    const made = optionOf(path, option, known)
    return path.length === 0 && option.long === '--format' ? { ...made, values: formatsOf(path) } : made
  })
  return {
    name: command.name(),
    about: command.description().replace(/\s+/g, ' '),
    options: [...options, ...formatOption(path), HELP],
    children: [
      ...(below[path.join(' ')] ?? []),
      ...command.commands.map((child) => completionTree(child, known, below, [...path, child.name()])),
    ],
    values: argumentValues(command, known),
    repeats: command.registeredArguments[0]?.variadic ?? false,
    takesFile: command.registeredArguments[0]?.name() === 'file',
  }
}

/** Every node with the words that lead to it (`[]` for vc itself). */
export const allNodes = (
  node: CompletionNode,
  path: readonly string[] = [],
): readonly { readonly path: readonly string[]; readonly node: CompletionNode }[] => [
  { path, node },
  ...node.children.flatMap((child) => allNodes(child, [...path, child.name])),
]
