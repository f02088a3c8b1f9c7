import type { DemoMachine } from './describe.ts'

const NONCE = 'de30de30de30de30'
const [RS, US] = [`\x1e${NONCE}`, `\x1f${NONCE}`]
/** Fixed, so that an unchanged file is not read again. */
const CHANGED = '1763600000 2025-11-20 00:53:20.000000000 +0000'

interface DemoIssue {
  readonly id: string
  readonly title: string
  readonly status: string
  readonly priority: number
  readonly type: string
  readonly waitsOn?: readonly string[]
  readonly assignee?: string
}

const issue = (
  [id, status, priority, type]: readonly [string, string, number, string],
  title: string,
  rest: Partial<DemoIssue> = {},
): DemoIssue => ({ id, title, status, priority, type, ...rest })

/** Projects of the demo fleet, by the directory an agent works in. */
// biome-ignore format: a table of issues
const PROJECTS: Readonly<Record<string, readonly DemoIssue[]>> = {
  '/srv/code/limits': [
    issue(['lim-a1', 'in_progress', 0, 'bug'], 'Parse the new rate limit banner', { assignee: 'claude' }),
    issue(['lim-b2', 'open', 1, 'task'], 'Store one snapshot per window', { waitsOn: ['lim-a1'] }),
    issue(['lim-c3', 'open', 2, 'feature'], 'Show the head-room of each account', { waitsOn: ['lim-b2'] }),
    issue(['lim-d4', 'open', 1, 'bug'], 'Windows that overlap count twice'),
    issue(['lim-e5', 'open', 3, 'chore'], 'Record a fixture per provider'),
    issue(['lim-f6', 'closed', 2, 'task'], 'Read limits from the cache'),
  ],
  '/srv/code/shop': [
    issue(['shop-1', 'open', 0, 'task'], 'Migrate the orders table'),
    issue(['shop-2', 'open', 1, 'task'], 'Backfill order totals', { waitsOn: ['shop-1'] }),
    issue(['shop-3', 'open', 1, 'bug'], 'Refunds wait on totals', { waitsOn: ['shop-2', 'shop-4'] }),
    issue(['shop-4', 'open', 2, 'bug'], 'Totals wait on refunds', { waitsOn: ['shop-3'] }),
    issue(['shop-5', 'blocked', 2, 'feature'], 'Gift cards'),
  ],
}

const lineOf = ({ id, title, status, priority, type, waitsOn = [], assignee }: DemoIssue): string =>
  JSON.stringify({
    ...{ id, title, status, priority, issue_type: type },
    ...(assignee === undefined ? {} : { assignee }),
    ...{ created_at: '2025-11-18T09:00:00Z', updated_at: '2025-11-19T15:30:00Z' },
    dependencies: waitsOn.map((on) => ({ issue_id: id, depends_on_id: on, type: 'blocks' })),
  })

const jsonlOf = (issues: readonly DemoIssue[]): string => `${issues.map(lineOf).join('\n')}\n`

const projectsOf = ({ agents }: DemoMachine): readonly (readonly [string, readonly DemoIssue[]])[] =>
  agents.flatMap(({ cwd }) => (PROJECTS[cwd] === undefined ? [] : [[cwd, PROJECTS[cwd]] as const]))

/** Issue files of this machine, by path. */
export const beadsFiles = (machine: DemoMachine): readonly (readonly [string, string])[] =>
  projectsOf(machine).map(([dir, issues]) => [`${dir}/.beads/issues.jsonl`, jsonlOf(issues)] as const)

/** What the look for .beads folders says about each directory. */
export const beadsAnswer = (machine: DemoMachine) => ({
  head: `vc-beads 1 ${NONCE}\n`,
  tail: `${RS} end`,
  items: Object.fromEntries(
    projectsOf(machine).map(([dir, issues], at) => {
      const stat = `${7000 + at} ${Buffer.byteLength(jsonlOf(issues))} ${CHANGED}`
      const fields = ['project', `${dir}/.beads`, '', 'issues.jsonl', stat, ' ', '']
      return [dir, `${RS} P @{i}${fields.map((field) => US + field).join('')}`]
    }),
  ),
  otherwise: `${RS} P @{i}${US}none`,
})
