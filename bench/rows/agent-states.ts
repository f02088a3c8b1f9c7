import { readScreen } from '../../src/collectors/screens/index.ts'
import { judgeBundle } from '../../src/commands/explain-bundle.ts'
import { recordedScreens, SCREEN_TRUTH } from '../../tests/collectors/screens/agent-screens-truth.ts'
import { isRight, labelledBundles } from '../../tests/oracle/agent-bundles.ts'
import type { Bench, Figure } from '../bench.ts'

/** One judged sample: which state was right, which was said. `said` counts as right when the label allows it. */
interface Judged {
  readonly cli: string
  readonly truth: string
  readonly said: string
  readonly right: boolean
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

const CLIS = ['claude', 'codex', 'gemini', 'opencode', 'all'] as const
const PRECISION = 0.98
const RECALL = 0.95

/** Precision: right among those of which a state was said. Recall: right among all; unsure is `unknown`, which some truths are. */
const figureOf = (title: string, cli: string, judged: readonly Judged[]): Figure => {
  const own = judged.filter((item) => cli === 'all' || item.cli === cli)
  const said = own.filter((item) => item.said !== 'unknown')
  const precision = said.filter((item) => item.right).length / Math.max(1, said.length)
  const recall = own.filter((item) => item.right).length / Math.max(1, own.length)
  return {
    what: `${title}: ${cli}`,
    figure: `precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`,
    baseline: `${own.length} labelled, ${own.length - said.length} called unknown`,
    ratio: null,
    target: `>= ${PRECISION}, >= ${RECALL}`,
    ok: precision >= PRECISION && recall >= RECALL,
  }
}

/** The state of an agent as it is judged of recorded evidence, and of recorded screens alone, over all states. */
export const agentStates: Bench = {
  name: 'agent-states',
  about: 'precision and recall of agent states per CLI, on recorded evidence and on recorded screens alone',
  run: async () => [
    ...CLIS.map((cli) => figureOf('agent state, whole evidence', cli, judgedBundles())),
    ...CLIS.map((cli) => figureOf('agent state, the screen alone', cli, judgedScreens())),
  ],
}
