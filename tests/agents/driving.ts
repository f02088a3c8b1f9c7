import type { Cli } from './clis.ts'
import type { Terminal } from './terminal.ts'

/** What a person sees and presses in each CLI; facts of the recorded versions. */
export interface Driving {
  readonly ready: RegExp
  /** At rest with an old session on the screen. */
  readonly resumed: RegExp
  readonly busy: RegExp
  readonly approval: RegExp
  readonly accept: readonly string[]
  readonly interrupted: RegExp
  interrupt(terminal: Terminal): Promise<void>
  quit(terminal: Terminal): Promise<void>
  /** Extra words of the tool scenario. */
  readonly toolArgs: string
  readonly subagentArgs: string
}

const answered = /Mock answer: all done/
const toolAnswered = /Mock final answer after the tool result/
export const ANSWERS = { answered, toolAnswered, shell: /shell\$ $/m }

const escape = async (terminal: Terminal): Promise<void> => terminal.key('Escape')

export const DRIVING: Readonly<Record<Cli, Driving>> = {
  claude: {
    ready: /^❯/m,
    resumed: /all done[\s\S]*^❯/m,
    busy: /esc to interrupt/,
    approval: /Do you want to proceed\?/,
    accept: ['1'],
    interrupted: /Interrupted/,
    interrupt: escape,
    quit: (terminal) => terminal.say('/exit'),
    toolArgs: '',
    subagentArgs: 'type=general-purpose',
  },
  codex: {
    ready: /^› [\s\S]*\? for shortcuts/m,
    resumed: /^› [\s\S]*\? for shortcuts/m,
    busy: /esc to interrupt|Step 1 of/,
    approval: /Would you like to run the following command\?/,
    accept: ['y'],
    interrupted: /Conversation interrupted/,
    interrupt: escape,
    quit: (terminal) => terminal.say('/quit'),
    toolArgs: 'escalate=1',
    subagentArgs: '',
  },
  gemini: {
    ready: /Type your message/,
    resumed: /all done[\s\S]*Type your message/,
    busy: /esc to cancel/,
    approval: /Allow execution of/,
    accept: ['1'],
    interrupted: /Request cancelled/,
    interrupt: escape,
    quit: (terminal) => terminal.say('/quit'),
    toolArgs: '',
    subagentArgs: '',
  },
  opencode: {
    ready: /Ask anything/,
    resumed: /all done|ctrl\+p commands/,
    busy: /esc interrupt/,
    approval: /Permission required/,
    accept: ['Enter'],
    interrupted: /interrupted/,
    interrupt: async (terminal) => {
      await terminal.key('Escape')
      await terminal.sees(/esc again to interrupt/, 5_000).catch(() => undefined)
      await terminal.key('Escape')
    },
    quit: (terminal) => terminal.key('C-c'),
    toolArgs: '',
    subagentArgs: 'type=general',
  },
}
