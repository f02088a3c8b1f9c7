// Real agent CLIs against a mock model server, seen by the whole product: `npm run test:agents [-- claude codex daemon hooks --only idle --keep --commands]`,
// driven by the engine: `npm run test:agents -- engine [claude …] [--rounds 20]`, and kept by `vc agent …` as typed at a terminal with a
// daemon running: `npm run test:agents -- cockpit [claude …] [--rounds 1]`.
// One process of the product is kept per CLI; with --commands each look is a `vc collect` and a `vc robot` of its own.

import { runScenario, usageDifferences } from '../tests/agents/agent-run.ts'
import { CLIS, installClis } from '../tests/agents/clis.ts'
import { runCockpit } from '../tests/agents/cockpit-run.ts'
import { isRight, type Outcome, score, table } from '../tests/agents/compare.ts'
import { isLate, runDaemon, type Shown } from '../tests/agents/daemon-run.ts'
import { type EngineRound, engineTable, runEngine } from '../tests/agents/engine.ts'
import { type HooksSeen, runHooks } from '../tests/agents/hooks-run.ts'
import { openLab } from '../tests/agents/lab.ts'
import { SCENARIOS } from '../tests/agents/scenarios.ts'
import { hasProgram } from '../tests/agents/terminal.ts'

const words = process.argv.slice(2)
const only = words.flatMap((word, i) => (words[i - 1] === '--only' ? word.split(',') : []))
const keep = words.includes('--keep')
const chosen = [...CLIS, 'daemon' as const, 'hooks' as const].filter((name) => words.includes(name))
const say = (line: string): void => void process.stderr.write(`${line}\n`)

for (const program of ['tmux', 'git', 'ps'])
  if (!hasProgram(program)) {
    say(`test:agents needs ${program}`)
    process.exit(1)
  }

const bin = await installClis(say)

const stage = words.includes('engine') ? 'engine' : words.includes('cockpit') ? 'cockpit' : null
if (stage !== null) {
  const count = Number(words[words.indexOf('--rounds') + 1])
  const given = words.includes('--rounds') && Number.isInteger(count) && count > 0
  const rounds = given ? count : stage === 'engine' ? 20 : 1
  const driven: EngineRound[] = []
  for (const cli of CLIS.filter((name) => chosen.length === 0 || chosen.includes(name))) {
    const lab = await openLab(cli, bin, false)
    say(`${cli}: ${lab.root}`)
    try {
      const all = await (stage === 'engine' ? runEngine : runCockpit)(lab, rounds, (round) => {
        say(
          `${round.trouble === null && round.wrong.length === 0 ? '✓' : '✗'} ${cli} ${round.n}: ${round.steps.join(', ')} (${round.ms} ms)`,
        )
        for (const wrong of round.wrong) say(`  WRONG ${wrong}: ${round.presses.join(' ')}`)
        if (round.trouble !== null) say(`  ${round.trouble.message}\n${round.trouble.screen}`)
      })
      driven.push(...all)
    } finally {
      await lab.close(keep)
    }
  }
  process.stdout.write(`${engineTable(stage, driven)}\n`)
  const bad = (round: EngineRound): boolean =>
    round.trouble !== null || round.wrong.length > 0 || round.falseSubmitted > 0
  process.exit(driven.length === 0 || driven.some(bad) ? 1 : 0)
}

const outcomes: Outcome[] = []
const differences: string[] = []
for (const cli of CLIS.filter((name) => chosen.length === 0 || chosen.includes(name))) {
  const lab = await openLab(cli, bin, !words.includes('--commands'))
  say(`${cli}: ${lab.root}`)
  const stop = (): void => void lab.close(keep).finally(() => process.exit(130))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  try {
    for (const scenario of SCENARIOS) {
      if (!scenario.clis.includes(cli) || (only.length > 0 && !only.includes(scenario.name))) continue
      const from = performance.now()
      const outcome = await runScenario(lab, scenario, say)
      outcomes.push(outcome)
      const seconds = ((performance.now() - from) / 1000).toFixed(1)
      say(
        `${isRight(outcome) ? '✓' : '✗'} ${cli} ${scenario.name}: ${outcome.got} (${seconds} s) ${outcome.notes.join('; ')}`,
      )
    }
    differences.push(...(await usageDifferences(lab)))
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop)
    await lab.close(keep)
  }
}

const shown: Shown[] = []
if (words.includes('daemon') || (chosen.length === 0 && only.length === 0)) {
  const lab = await openLab('claude', bin, false)
  try {
    shown.push(...(await runDaemon(lab, say)))
  } finally {
    await lab.close(keep)
  }
}

const hooked: HooksSeen[] = []
if (words.includes('hooks') || (chosen.length === 0 && only.length === 0)) {
  for (const cli of CLIS) {
    const lab = await openLab(cli, bin, false)
    try {
      const seen = await runHooks(lab)
      if (seen !== null) hooked.push(seen)
    } finally {
      await lab.close(keep)
    }
  }
}

const { precision, recall } = score(outcomes)
process.stdout.write(
  `${table(outcomes)}\n\nprecision ${precision.toFixed(3)}  recall ${recall.toFixed(3)}  of ${outcomes.length}\n`,
)
process.stdout.write(
  differences.length === 0
    ? 'usage: the ledger holds what was served\n'
    : `usage differs:\n${differences.join('\n')}\n`,
)
for (const one of shown)
  process.stdout.write(
    `daemon: ${one.change} -> ${one.expected}: robot ${one.robotMs} ms, watch ${one.watchMs} ms${isLate(one) ? '  LATE' : ''}\n`,
  )
for (const one of hooked)
  process.stdout.write(
    `hooks of ${one.cli}: heard ${one.events.join(' ')}${one.missing.length > 0 ? `; MISSING ${one.missing.join(' ')}` : ''}${one.leaked ? '; LEAKED' : ''}\n`,
  )
if (shown.some(isLate) || hooked.some((one) => one.leaked || one.missing.length > 0)) process.exitCode = 1
if (
  outcomes.length > 0 &&
  (precision < 0.98 || recall < 0.95 || differences.length > 0 || outcomes.some((o) => o.notes.length > 0))
)
  process.exitCode = 1
