// Real agent CLIs against a mock model server, seen by the whole product: `npm run test:agents [-- claude codex --only idle --keep]`.
import { type Outcome, isRight, score, table } from '../tests/agents/compare.ts'
import { runScenario, usageDifferences } from '../tests/agents/agent-run.ts'
import { CLIS, installClis } from '../tests/agents/clis.ts'
import { openLab } from '../tests/agents/lab.ts'
import { SCENARIOS } from '../tests/agents/scenarios.ts'
import { hasProgram } from '../tests/agents/terminal.ts'

const words = process.argv.slice(2)
const only = words.flatMap((word, i) => (words[i - 1] === '--only' ? word.split(',') : []))
const keep = words.includes('--keep')
const chosen = CLIS.filter((cli) => words.includes(cli))
const say = (line: string): void => void process.stderr.write(`${line}\n`)

for (const program of ['tmux', 'git', 'ps'])
  if (!hasProgram(program)) {
    say(`test:agents needs ${program}`)
    process.exit(1)
  }

const bin = await installClis(say)
const outcomes: Outcome[] = []
const differences: string[] = []
for (const cli of chosen.length > 0 ? chosen : CLIS) {
  const lab = await openLab(cli, bin)
  say(`${cli}: ${lab.root}`)
  try {
    for (const scenario of SCENARIOS) {
      if (!scenario.clis.includes(cli) || (only.length > 0 && !only.includes(scenario.name))) continue
      const from = performance.now()
      const outcome = await runScenario(lab, scenario, say)
      outcomes.push(outcome)
      const seconds = ((performance.now() - from) / 1000).toFixed(1)
      say(`${isRight(outcome) ? '✓' : '✗'} ${cli} ${scenario.name}: ${outcome.got} (${seconds} s) ${outcome.notes.join('; ')}`)
    }
    differences.push(...(await usageDifferences(lab)))
  } finally {
    await lab.close(keep)
  }
}

const { precision, recall } = score(outcomes)
process.stdout.write(`${table(outcomes)}\n\nprecision ${precision.toFixed(3)}  recall ${recall.toFixed(3)}  of ${outcomes.length}\n`)
process.stdout.write(differences.length === 0 ? 'usage: the ledger holds what was served\n' : `usage differs:\n${differences.join('\n')}\n`)
if (precision < 0.98 || recall < 0.95 || differences.length > 0 || outcomes.some((o) => o.notes.length > 0)) process.exitCode = 1
