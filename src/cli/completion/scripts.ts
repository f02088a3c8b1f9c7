import { shellQuoted } from '../../core/shell-word.ts'
import { allNodes, type CompletionNode, type CompletionOption } from './tree.ts'
import type { Asked, Values } from './values.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

const flagsOf = (options: readonly CompletionOption[]): string[] => options.flatMap((option) => option.flags)

const valueFlags = (root: CompletionNode): string[] => [
  ...new Set(allNodes(root).flatMap(({ node }) => flagsOf(node.options.filter((option) => option.takesValue)))),
]

interface Place {
  readonly path: readonly string[]
  readonly flags: readonly string[]
  readonly values: Values
  readonly list: boolean
}

/** Where something is known of what an option takes, the deepest command first: its own word counts before the one above it. */
const placesOf = (root: CompletionNode): readonly Place[] =>
  allNodes(root)
    .flatMap(({ path, node }) =>
      node.options.flatMap(({ flags, values, list = false }) =>
        values === null ? [] : [{ path, flags, values, list }],
      ),
    )
    .toSorted((a, b) => b.path.length - a.path.length)

/** Patterns of `<path> <flag>`, as bash and zsh both read them. */
const patternOf = ({ path, flags }: Place): string =>
  flags
    .flatMap((flag) =>
      path.length === 0 ? [`*' ${flag}'`] : [`'${path.join(' ')} ${flag}'`, `'${path.join(' ')} '*' ${flag}'`],
    )
    .join('|')

const filePattern = (root: CompletionNode): string =>
  valueFlags(root)
    .map((flag) => `*' ${flag}'`)
    .join('|')

const asks = (values: Values | null): values is Asked => typeof values === 'string'

const wordsAt = (node: CompletionNode, root: CompletionNode): string[] => [
  ...new Set([...node.children.map((child) => child.name), ...flagsOf(node.options), ...flagsOf(root.options)]),
]

// What an argument may be is offered once, unless there may be more of them.
const argumentWords = (
  { values, repeats }: CompletionNode,
  spelled: (words: readonly string[]) => string,
): readonly string[] => {
  if (values === null) return []
  return [asks(values) ? `ask=${values}` : `args=${spelled(values)}`, ...(repeats ? ['more=1'] : [])]
}

const bashCase = (path: readonly string[], node: CompletionNode, words: readonly string[]): string => {
  const given = [
    `words=${shellQuoted(words.join(' '))}`,
    ...argumentWords(node, (values) => shellQuoted(values.join(' '))),
  ]
  return `    ${shellQuoted(path.join(' '))}) ${given.join(' ')} ;;`
}

const bashValues = (place: Place): string => {
  const { values, list } = place
  const words = asks(values) ? `"$("\${COMP_WORDS[0]}" __words ${values} 2>/dev/null)"` : shellQuoted(values.join(' '))
  const offer = list ? `_vc_list ${words} "$cur"` : `COMPREPLY=($(compgen -W ${words} -- "$cur"))`
  return `    ${patternOf(place)}) ${offer}; return ;;`
}

// A word that leads nowhere in the tree (an id, a file) leaves the path where it is.
function bash(root: CompletionNode): string {
  const nodes = allNodes(root)
  const known = nodes.filter(({ path }) => path.length > 0).map(({ path }) => shellQuoted(path.join(' ')))
  return `# bash completion of vc; load it with: source <(vc completion bash)
# The next word of a comma-separated list, without those that stand in it.
_vc_list() {
  local word head='' left=''
  if [[ $2 == *,* ]]; then head=\${2%,*},; fi
  for word in $1; do [[ ,$head == *",$word,"* ]] || left+=" $word"; done
  COMPREPLY=($(compgen -P "$head" -W "$left" -- "\${2##*,}"))
}
_vc() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path='' words='' args='' ask='' word i skip=0 passed=0 more=0
  COMPREPLY=()
  # --by=day stands there as three words
  if [[ $cur == '=' ]]; then cur=''; elif [[ $prev == '=' && COMP_CWORD -gt 2 ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if ((skip)); then [[ $word == '=' ]] || skip=0; continue; fi
    case $word in ${valueFlags(root).join('|')}) skip=1; continue ;; -*) continue ;; esac
    case "\${path:+$path }$word" in ${known.join('|')}) path="\${path:+$path }$word" ;; *) passed=1 ;; esac
  done
  case "$path $prev" in
${placesOf(root).map(bashValues).join('\n')}
    ${filePattern(root)}) COMPREPLY=($(compgen -f -- "$cur")); return ;;
  esac
  case $path in
${nodes.map(({ path, node }) => bashCase(path, node, wordsAt(node, root))).join('\n')}
  esac
  if ((passed && !more)); then ask='' args=''; fi
  if [[ -n $ask && $cur != -* ]]; then args=$("\${COMP_WORDS[0]}" __words "$ask" 2>/dev/null); fi
  words+=" $args"
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [[ \${#COMPREPLY[@]} -eq 0 && $cur != -* ]]; then COMPREPLY=($(compgen -f -- "$cur")); fi
}
complete -F _vc vc
`
}

const zshText = (text: string): string => text.replace(/[[\]:\\]/g, '\\$&')

function zshCase(
  { path, node }: { readonly path: readonly string[]; readonly node: CompletionNode },
  root: CompletionNode,
): string {
  const commands = node.children.map((child) => shellQuoted(`${zshText(child.name)}:${zshText(child.about)}`))
  const options = [...node.options, ...(path.length > 0 ? root.options : [])]
  const flags = options.flatMap((option) => option.flags.map((flag) => shellQuoted(`${flag}:${zshText(option.about)}`)))
  const given = [
    `commands=(${commands.join(' ')})`,
    `options=(${flags.join(' ')})`,
    ...argumentWords(node, (values) => `(${values.map(shellQuoted).join(' ')})`),
  ]
  return `    ${shellQuoted(path.join(' '))}) ${given.join('; ')} ;;`
}

const ZSH_ASK = `\${(f)"$("\${words[1]}" __words`

const zshValues = (place: Place): string => {
  const { values, list } = place
  const words = asks(values) ? `${ZSH_ASK} ${values} 2>/dev/null)"}` : values.map(shellQuoted).join(' ')
  return `    ${patternOf(place)}) ${list ? '_vc_list' : 'compadd --'} ${words}; return ;;`
}

function zsh(root: CompletionNode): string {
  const nodes = allNodes(root)
  const known = nodes.filter(({ path }) => path.length > 0).map(({ path }) => shellQuoted(path.join(' ')))
  return `#compdef vc
# zsh completion of vc (never name a variable path here: zsh ties it to PATH); load it with: source <(vc completion zsh)
# The next word of a comma-separated list, without those that stand in it.
_vc_list() {
  local -a given left
  given=(\${(s:,:)\${PREFIX%\${PREFIX##*,}}})
  left=("$@")
  compset -P '*,'
  compadd -qS , -- \${left:|given}
}
_vc() {
  local word place='' previous=\${words[CURRENT-1]} i skip=0 ask='' passed=0 more=0
  local -a commands options args
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    if ((skip)); then skip=0; continue; fi
    case $word in ${valueFlags(root).join('|')}) skip=1; continue ;; -*) continue ;; esac
    case "\${place:+$place }$word" in ${known.join('|')}) place="\${place:+$place }$word" ;; *) passed=1 ;; esac
  done
  # --by=day is one word here
  if [[ \${words[CURRENT]} == --*=* ]]; then previous=\${words[CURRENT]%%=*}; compset -P '*='; fi
  case "$place $previous" in
${placesOf(root).map(zshValues).join('\n')}
    ${filePattern(root)}) _files; return ;;
  esac
  case $place in
${nodes.map((found) => zshCase(found, root)).join('\n')}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then _describe -o option options; return; fi
  if ((passed && !more)); then ask=''; args=(); fi
  if [[ -n $ask ]]; then args=(${ZSH_ASK} $ask 2>/dev/null)"}); fi
  if ((\${#args})); then compadd -- $args
  elif ((\${#commands})); then _describe command commands
  else _files
  fi
}
# From a folder of fpath this file is the function itself at its first call, and has to answer it.
if [[ \${funcstack[1]} == _vc ]]; then _vc "$@"
else
  # a zsh that was never set up has no completion yet
  (( \${+functions[compdef]} )) || { autoload -Uz compinit; compinit -D -i }
  compdef _vc vc
fi
`
}

const fishWords = (values: Values): string =>
  asks(values) ? `(command vc __words ${values} 2>/dev/null)` : values.join(' ')

const fishValue = ({ takesValue, values, list }: CompletionOption): string => {
  if (!takesValue) return ''
  if (values === null) return ' -rF'
  return ` -xa ${shellQuoted(list ? `(__vc_list ${fishWords(values)})` : fishWords(values))}`
}

const fishFunctions = (
  root: CompletionNode,
): string => `# The next word of a comma-separated list, without those that stand in it.
function __vc_list
    set -l head (string replace -r '^--[^=]*=' '' -- (commandline -ct) | string match -r '^.*,')
    for word in $argv
        string match -q "*,$word,*" -- ",$head"; or echo "$head$word"
    end
end
# Whether no more than so many words stand before the cursor, options and what they take not counted.
function __vc_first
    set -l skip 0
    set -l passed 0
    for word in (commandline -opc)
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case ${valueFlags(root).join(' ')}
                set skip 1
            case '-*'
            case '*'
                set passed (math $passed + 1)
        end
    end
    test $passed -le $argv[1]
end`

// What a command says of an option counts instead of what is said of it everywhere.
const rootScope = ({ flags }: CompletionOption, root: CompletionNode): string => {
  const own = root.children.filter(({ options }) => flagsOf(options).some((flag) => flags.includes(flag)))
  const names = own.map(({ name }) => name).join(' ')
  return own.length === 0 || flags.includes('--help')
    ? ''
    : ` -n ${shellQuoted(`not __fish_seen_subcommand_from ${names}`)}`
}

function fish(root: CompletionNode): string {
  const lines = [
    '# fish completion of vc; load it with: vc completion fish | source',
    fishFunctions(root),
    'complete -c vc -f',
  ]
  for (const { path, node } of allNodes(root)) {
    const names = node.children.map((child) => child.name).join(' ')
    const below = path.map((word) => `__fish_seen_subcommand_from ${word}`)
    const when = [...below, ...(names === '' ? [] : [`not __fish_seen_subcommand_from ${names}`])].join('; and ')
    for (const child of node.children) {
      lines.push(`complete -c vc -n ${shellQuoted(when)} -a ${child.name} -d ${shellQuoted(child.about)}`)
    }
    if (node.values !== null) {
      const first = node.repeats ? below : [...below, `__vc_first ${path.length + 1}`]
      lines.push(`complete -c vc -n ${shellQuoted(first.join('; and '))} -a ${shellQuoted(fishWords(node.values))}`)
    }
    // The other shells offer files wherever they know nothing better.
    if (node.takesFile) lines.push(`complete -c vc -n ${shellQuoted(below.join('; and '))} -F`)
    for (const option of node.options) {
      const spelled = option.flags.map((flag) =>
        flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
      )
      const scope = path.length === 0 ? rootScope(option, root) : ` -n ${shellQuoted(below.join('; and '))}`
      lines.push(`complete -c vc${scope} ${spelled.join(' ')}${fishValue(option)} -d ${shellQuoted(option.about)}`)
    }
  }
  return `${lines.join('\n')}\n`
}

const WRITERS = { bash, zsh, fish } as const satisfies Record<Shell, (root: CompletionNode) => string>

/** A completion script for one shell, made from the command tree. */
export const completionScript = (shell: Shell, root: CompletionNode): string => WRITERS[shell](root)
