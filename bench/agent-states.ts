import { pathToFileURL } from 'node:url'
import { readScreen } from '../src/collectors/screens/index.ts'
import { judgeBundle } from '../src/commands/explain-bundle.ts'
import { recordedScreens, SCREEN_TRUTH } from '../tests/collectors/screens/agent-screens-truth.ts'
import { isRight, labelledBundles } from '../tests/oracle/agent-bundles.ts'

/** One judged sample: which state was right, which was said. `said` counts as right when the label allows it. */
interface Judged {
  readonly cli: string
  readonly truth: string
  readonly said: string
  readonly right: boolean
}

export interface Score {
  readonly cli: string
  readonly samples: number
  readonly unknown: number
  /** Right among those that were not called unknown. */
  readonly precision: number
  /** Right among all. */
  readonly recall: number
}

const judgedBundles = (): readonly Judged[] =>
  labelledBundles().map((item) => {
    const said = judgeBundle(item.bundle).state
    return { cli: item.cli, truth: item.truth, said, right: isRight(item, said) }
  })

const judgedScreens = (): readonly Judged[] =>
  recordedScreens().flatMap((screen) => {
    const truth = SCREEN_TRUTH[screen.name]
    if (truth === null || truth === undefined) return []
    const said = readScreen({ ...screen, width: 120 })?.state ?? 'unknown'
    return [{ cli: screen.cli, truth, said, right: said === truth }]
  })

export function scoreOf(cli: string, judged: readonly Judged[]): Score {
  const own = judged.filter((item) => cli === 'all' || item.cli === cli)
  const right = own.filter((item) => item.right).length
  const unknown = own.filter((item) => item.said === 'unknown').length
  return {
    cli,
    samples: own.length,
    unknown,
    precision: right / Math.max(1, own.length - unknown),
    recall: right / Math.max(1, own.length),
  }
}

const CLIS = ['claude', 'codex', 'gemini', 'opencode', 'all'] as const

/** Precision and recall per CLI over all states, for whole bundles and for recorded screens alone. */
export const agentStateScores = (): { readonly bundles: readonly Score[]; readonly screens: readonly Score[] } => {
  const [bundles, screens] = [judgedBundles(), judgedScreens()]
  return { bundles: CLIS.map((cli) => scoreOf(cli, bundles)), screens: CLIS.map((cli) => scoreOf(cli, screens)) }
}

const row = (score: Score): string =>
  `  ${score.cli.padEnd(10)}${String(score.samples).padStart(8)}${String(score.unknown).padStart(9)}${score.precision.toFixed(3).padStart(11)}${score.recall.toFixed(3).padStart(8)}`

const heading = (title: string): string =>
  `${title}\n  ${'cli'.padEnd(10)}${'samples'.padStart(8)}${'unknown'.padStart(9)}${'precision'.padStart(11)}${'recall'.padStart(8)}`

const timePerBundle = (): number => {
  const bundles = labelledBundles().map((item) => item.bundle)
  const started = performance.now()
  for (const bundle of bundles) judgeBundle(bundle)
  return (performance.now() - started) / bundles.length
}

export function agentStatesReport(): string {
  const { bundles, screens } = agentStateScores()
  const states = new Map<string, number>()
  for (const item of judgedBundles()) states.set(item.truth, (states.get(item.truth) ?? 0) + 1)
  const spread = [...states].map(([state, count]) => `${state} ${count}`).join(' · ')
  return [
    heading('agent states: whole evidence bundles (goal: precision 0.98, recall 0.95)'),
    ...bundles.map(row),
    `  truths: ${spread}`,
    heading('agent states: recorded screens alone'),
    ...screens.map(row),
    `  ${timePerBundle().toFixed(2)} ms per bundle`,
  ].join('\n')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.write(`${agentStatesReport()}\n`)
}
