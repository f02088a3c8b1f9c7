import { parse as parseToml } from 'smol-toml'
import { checkAlerts } from './check-alerts.ts'
import { checkPace } from './check-pace.ts'
import { checkKept, checkMachineIds, checkNames, checkPrices, checkRetries, type Draft } from './checks.ts'
import { keyText, problemsOf } from './issues.ts'
import { lineAt, positionsOf } from './positions.ts'
import type { ConfigProblem } from './problems.ts'
import { configSchema, type VcConfig } from './schema.ts'
import { syntaxProblem } from './syntax.ts'

/** `config` is null exactly when a problem of severity `error` is among `problems`. */
export interface ParsedConfig {
  readonly config: VcConfig | null
  readonly problems: readonly ConfigProblem[]
}

function crossCheck(root: unknown, file: string, positions: Draft['positions']): ConfigProblem[] {
  const found = new Map<string, ConfigProblem>()
  const add: Draft['add'] = ({ path, ...problem }) => {
    const line = lineAt(positions, path)
    found.set(`${line} ${problem.message}`, { file, line, key: keyText(root, path), ...problem })
  }
  const draft: Draft = { root, positions, add }
  for (const check of [checkMachineIds, checkNames, checkPrices, checkRetries, checkPace, checkAlerts, checkKept])
    check(draft)
  return [...found.values()]
}

/** Text of a vc.toml to a configuration, or to everything that is wrong with it at once. Pure. */
export function parseConfig(text: string, file: string): ParsedConfig {
  let root: unknown
  try {
    root = parseToml(text)
  } catch (error) {
    return { config: null, problems: [syntaxProblem(error, text, file)] }
  }
  const positions = positionsOf(text)
  const checked = configSchema.safeParse(root)
  const problems = [
    ...(checked.success ? [] : problemsOf(checked.error.issues, root, file, positions)),
    ...crossCheck(root, file, positions),
  ].sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
  const refused = problems.some((problem) => problem.severity === 'error')
  return { config: checked.success && !refused ? checked.data : null, problems }
}
