import { allNodes, type CompletionNode, type CompletionOption } from './tree.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

const single = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const flagsOf = (options: readonly CompletionOption[]): string[] => options.flatMap((option) => option.flags)

const valueFlags = (root: CompletionNode): string[] => [
  ...new Set(allNodes(root).flatMap(({ node }) => flagsOf(node.options.filter((option) => option.takesValue)))),
]

const wordsAt = (node: CompletionNode, root: CompletionNode): string[] => [
  ...new Set([...node.children.map((child) => child.name), ...flagsOf(node.options), ...flagsOf(root.options)]),
]

const bashCase = (path: readonly string[], words: readonly string[]): string =>
  `    ${single(path.join(' '))}) words=${single(words.join(' '))} ;;`

// A word that leads nowhere in the tree (an id, a file) leaves the path where it is.
function bash(root: CompletionNode): string {
  const nodes = allNodes(root)
  const known = nodes.filter(({ path }) => path.length > 0).map(({ path }) => single(path.join(' ')))
  return `# bash completion of vc; load it with: source <(vc completion bash)
_vc() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path='' words='' word i skip=0
  COMPREPLY=()
  case $prev in ${valueFlags(root).join('|')}) COMPREPLY=($(compgen -f -- "$cur")); return ;; esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if ((skip)); then skip=0; continue; fi
    case $word in ${valueFlags(root).join('|')}) skip=1; continue ;; -*) continue ;; esac
    case "\${path:+$path }$word" in ${known.join('|')}) path="\${path:+$path }$word" ;; esac
  done
  case $path in
${nodes.map(({ path, node }) => bashCase(path, wordsAt(node, root))).join('\n')}
  esac
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
  const commands = node.children.map((child) => single(`${zshText(child.name)}:${zshText(child.about)}`))
  const options = [...node.options, ...(path.length > 0 ? root.options : [])]
  const flags = options.flatMap((option) => option.flags.map((flag) => single(`${flag}:${zshText(option.about)}`)))
  return `    ${single(path.join(' '))}) commands=(${commands.join(' ')}); options=(${flags.join(' ')}) ;;`
}

function zsh(root: CompletionNode): string {
  const nodes = allNodes(root)
  const known = nodes.filter(({ path }) => path.length > 0).map(({ path }) => single(path.join(' ')))
  return `#compdef vc
# zsh completion of vc; load it with: source <(vc completion zsh)
_vc() {
  local word path='' previous=\${words[CURRENT-1]} i skip=0
  local -a commands options
  case $previous in ${valueFlags(root).join('|')}) _files; return ;; esac
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    if ((skip)); then skip=0; continue; fi
    case $word in ${valueFlags(root).join('|')}) skip=1; continue ;; -*) continue ;; esac
    case "\${path:+$path }$word" in ${known.join('|')}) path="\${path:+$path }$word" ;; esac
  done
  case $path in
${nodes.map((found) => zshCase(found, root)).join('\n')}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then _describe -o option options
  elif ((\${#commands})); then _describe command commands
  else _files
  fi
}
compdef _vc vc
`
}

function fish(root: CompletionNode): string {
  const lines = ['# fish completion of vc; load it with: vc completion fish | source', 'complete -c vc -f']
  for (const { path, node } of allNodes(root)) {
    const names = node.children.map((child) => child.name).join(' ')
    const below = path.map((word) => `__fish_seen_subcommand_from ${word}`)
    const when = [...below, ...(names === '' ? [] : [`not __fish_seen_subcommand_from ${names}`])].join('; and ')
    for (const child of node.children) {
      lines.push(`complete -c vc -n ${single(when)} -a ${child.name} -d ${single(child.about)}`)
    }
    for (const option of node.options) {
      const spelled = option.flags.map((flag) =>
        flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
      )
      const scope = path.length === 0 ? '' : ` -n ${single(below.join('; and '))}`
      lines.push(
        `complete -c vc${scope} ${spelled.join(' ')}${option.takesValue ? ' -rF' : ''} -d ${single(option.about)}`,
      )
    }
  }
  return `${lines.join('\n')}\n`
}

const WRITERS = { bash, zsh, fish } as const satisfies Record<Shell, (root: CompletionNode) => string>

/** A completion script for one shell, made from the command tree. */
export const completionScript = (shell: Shell, root: CompletionNode): string => WRITERS[shell](root)
