/** One command of the tour. */
export interface Step {
  /** The command as a person types it. */
  readonly show: string
  /** What vc gets; `{agent}` stands for an agent that waits for somebody. Null: `run` does it. */
  readonly argv: readonly string[]
  readonly exit: number
  /**
   * `text`: the same words on every machine, numbers apart. `shape`: it tells about the machine the tour runs on, so only
   * `must` is compared.
   */
  readonly compare: 'text' | 'shape'
  readonly must?: readonly RegExp[]
  /** Lines of output that are shown; the rest is counted. */
  readonly lines?: number
  readonly background?: 'start' | 'stop'
}

export interface Chapter {
  readonly title: string
  readonly words: string
  /** Without these programs the chapter is left out, by name. */
  readonly needs?: readonly string[]
  readonly steps: readonly Step[]
}

export interface Ran {
  readonly step: Step
  readonly exit: number | null
  /** What it printed, errors after answers, with places and names of this machine taken out. */
  readonly output: string
}

const words = (text: string): readonly string[] => text.split(' ')

type More = Partial<Omit<Step, 'show' | 'argv'>>

/** A vc command whose arguments hold no blanks. */
export const vc = (text: string, more: More = {}): Step => ({
  ...{ show: `vc ${text}`, argv: words(text), exit: 0, compare: 'text' },
  ...more,
})

/** A vc command with its arguments given apart, shown as a shell would read them. */
export const vcArgs = (argv: readonly string[], more: More = {}): Step => ({
  ...{ show: `vc ${argv.map((arg) => (/[\s*]/.test(arg) ? JSON.stringify(arg) : arg)).join(' ')}`, argv },
  ...{ exit: 0, compare: 'text' },
  ...more,
})

/** Starts the cockpit and leaves it running; shown is what it says until it watches. */
export const opens = (show: string, argv: readonly string[], more: More = {}): Step => ({
  ...{ show, argv, exit: 0, compare: 'text', background: 'start' },
  ...more,
})

export const CTRL_C: Step = {
  show: '^C',
  argv: [],
  exit: 0,
  compare: 'shape',
  background: 'stop',
  must: [/vc: stopped/],
}
