/** `vc robot <topic> [id] [--param value …]`: the same reading for the fast path and the full program. */
export interface RobotArgv {
  readonly topic: string
  readonly format: string
  readonly params: Readonly<Record<string, string>>
}

const FLAG = /^--([a-z][a-z-]*)(?:=(.*))?$/s
const SHORT: Record<string, string> = { '-m': '--machine' }
/** Options that take no value. */
const SWITCHES = new Set(['require-fresh', 'absent', 'all', 'dirty', 'down', 'plan', 'tail'])
/** Options of vc itself, which say nothing about the question. */
const GLOBAL = new Set(['config'])

/** Null for anything unusual (help, an unknown short option, a missing value): the full program then says what is wrong. */
export const parseRobotArgv = (argv: readonly string[]): RobotArgv | null => {
  const params: Record<string, string> = {}
  const words: string[] = []
  let format = 'json'
  for (let i = 0; i < argv.length; i++) {
    const word = SHORT[argv[i] ?? ''] ?? argv[i] ?? ''
    const match = FLAG.exec(word)
    if (!match) {
      if (word.startsWith('-')) return null
      words.push(word)
      continue
    }
    const name = match[1] ?? ''
    if (name === 'help' || name === 'version') return null
    if (name === 'json' || name === 'no-color') continue
    if (SWITCHES.has(name)) {
      params[name] = match[2] ?? 'true'
      continue
    }
    const value = match[2] ?? argv[++i]
    if (value === undefined) return null
    if (name === 'format') format = value
    else if (!GLOBAL.has(name)) params[name] = value
  }
  const [robot, topic, id, ...more] = words
  if (robot !== 'robot' || topic === undefined || more.length > 0) return null
  return { topic, format, params: id === undefined ? params : { ...params, id } }
}
