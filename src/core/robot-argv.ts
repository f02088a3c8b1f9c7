/** `vc robot <topic> [id] [--param value …]`: the same reading for the fast path and the full program. */
export interface RobotArgv {
  readonly topic: string
  readonly format: string
  readonly params: Readonly<Record<string, string>>
}

const FLAG = /^--([a-z][a-z-]*)(?:=(.*))?$/s
const SHORT: Record<string, string> = { '-m': '--machine' }
/** Options that take no value. */
const SWITCHES = new Set(['require-fresh', 'absent', 'all', 'dirty', 'down', 'events', 'metrics', 'plan', 'tail'])
/** Options of vc itself, which say nothing about the question. */
const GLOBAL = new Set(['config'])

const HELP = new Set(['help', 'version'])

/** What was asked, or what is wrong with the words. */
const read = (argv: readonly string[]): RobotArgv | string => {
  const params: Record<string, string> = {}
  const words: string[] = []
  let format = 'json'
  for (let i = 0; i < argv.length; i++) {
    const word = SHORT[argv[i] ?? ''] ?? argv[i] ?? ''
    const match = FLAG.exec(word)
    if (!match) {
      if (word.startsWith('-')) return `'${word}' is no option of a topic`
      words.push(word)
      continue
    }
    const name = match[1] ?? ''
    if (HELP.has(name)) return `'${word}' stands where a topic's parameters do`
    if (name === 'json' || name === 'no-color') continue
    if (SWITCHES.has(name)) {
      params[name] = match[2] ?? 'true'
      continue
    }
    const value = match[2] ?? argv[++i]
    if (value === undefined) return `${word} needs a value`
    if (name === 'format') format = value
    else if (!GLOBAL.has(name)) params[name] = value
  }
  const [robot, topic, id, ...more] = words
  if (robot !== 'robot' || topic === undefined) return 'no topic is named'
  if (more.length > 0) return `'${more[0]}' is one word too many behind '${topic} ${id}'`
  return { topic, format, params: id === undefined ? params : { ...params, id } }
}

/** Null for anything unusual (help, an unknown short option, a missing value): the full program then says what is wrong. */
export const parseRobotArgv = (argv: readonly string[]): RobotArgv | null => {
  const wanted = read(argv)
  return typeof wanted === 'string' ? null : wanted
}

/** What is wrong with words that `parseRobotArgv` gave back as null. */
export const robotArgvProblem = (argv: readonly string[]): string => {
  const wanted = read(argv)
  return typeof wanted === 'string' ? wanted : 'nothing'
}
