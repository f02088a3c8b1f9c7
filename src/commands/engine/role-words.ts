import { AGENT_ROLES, type RoleName } from '../../core/agent-role.ts'
import { displayText } from '../../core/text.ts'

/** What an agent is to be told when it starts. */
export interface RoleTelling {
  readonly cli: string
  readonly role: RoleName
  /** Words beside the role's, a file on its machine; null: none. */
  readonly file: string | null
  /** Its own session goes on: what was said in it stands there. */
  readonly resumes: boolean
  /** Words of the operator for the CLI. */
  readonly extra: readonly string[]
}

/** `instructions`: beside the CLI's own, costs nothing · `first_prompt`: the model answers it, which is a turn. */
export type RoleWay = 'instructions' | 'first_prompt'

const readToo = (file: string | null): string =>
  file === null ? '' : `\n\nMore was written for you in the file ${JSON.stringify(displayText(file, 1_000))}: read it.`

const wordsOf = ({ role, file }: RoleTelling): string => `${AGENT_ROLES[role].prompt}${readToo(file)}`

const firstPrompt = (telling: RoleTelling): string =>
  [
    `[your role: ${telling.role}; told once by vc, the cockpit that started you; this is no task]`,
    wordsOf(telling),
    '[end of your role; answer with one short line and wait for your first task]',
  ].join('\n')

const WAYS: Readonly<
  Record<string, { readonly by: RoleWay; readonly args: (told: RoleTelling) => readonly string[] }>
> = {
  claude: {
    by: 'instructions',
    args: ({ role, file }) => [
      ...['--append-system-prompt', AGENT_ROLES[role].prompt],
      ...(file === null ? [] : ['--append-system-prompt-file', file]),
    ],
  },
  // Stands as a message of the developer before the conversation; a JSON text is a TOML one.
  codex: {
    by: 'instructions',
    args: (told) => ['-c', `developer_instructions=${JSON.stringify(wordsOf(told))}`],
  },
  // What these two take as instructions replaces their own or must be a file: their own means is a first prompt.
  gemini: { by: 'first_prompt', args: (told) => ['--prompt-interactive', firstPrompt(told)] },
  opencode: { by: 'first_prompt', args: (told) => ['--prompt', firstPrompt(told)] },
}

/** The operator gave a first prompt of their own; a second one is an error to some CLIs. */
const hasOwnPrompt = (extra: readonly string[]): boolean =>
  extra.some((word) => /^(-i|-p|--prompt(-interactive)?)(=|$)/.test(word) || /\s/.test(word))

/** How this agent is told its role by this start; null: it is not. A turn is not spent on a role that says nothing in particular. */
export const roleWayOf = (told: RoleTelling): RoleWay | null => {
  const by = WAYS[told.cli]?.by ?? null
  if (by !== 'first_prompt') return by
  const saysLittle = told.role === 'generalist' && told.file === null
  return told.resumes || saysLittle || hasOwnPrompt(told.extra) ? null : by
}

/** The words of the argv that tell an agent its role; none where it is not told. */
export const roleArgs = (told: RoleTelling): readonly string[] =>
  roleWayOf(told) === null ? [] : (WAYS[told.cli]?.args(told) ?? [])

const NOT_TOLD = 'its words go with its missions'

/** One line for the person who is asked; null: it is told, and that costs nothing. */
export const roleNotice = (told: RoleTelling): string | null => {
  const way = roleWayOf(told)
  if (way === 'instructions') return null
  if (way === 'first_prompt') return `${told.cli} is told its role by a first prompt, which it answers: that is a turn`
  if (WAYS[told.cli] === undefined) return `${told.cli} takes no role when it starts: ${NOT_TOLD}`
  return told.role === 'generalist' && told.file === null
    ? null
    : `${told.cli} gets the first prompt you gave it and is not told its role: ${NOT_TOLD}`
}
