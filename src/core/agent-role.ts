/** How strong a model a job needs, strongest first. The words are Claude's; other CLIs get theirs from `[engine.models]`. */
export const MODEL_TIERS = ['opus', 'sonnet', 'haiku'] as const
export type ModelTier = (typeof MODEL_TIERS)[number]

export const TASK_TYPES = [
  'synthesis',
  'analysis',
  'review',
  'coding',
  'testing',
  'debugging',
  'research',
  'docs',
  'extraction',
  'general',
] as const
export type TaskType = (typeof TASK_TYPES)[number]

export const TASK_PRIORITIES = ['critical', 'high', 'normal', 'low'] as const
export type TaskPriority = (typeof TASK_PRIORITIES)[number]

export interface AgentRole {
  readonly tier: ModelTier
  readonly about: string
  /** Said to the agent beside its CLI's own system prompt. */
  readonly prompt: string
  /** Types of tasks it is made for. */
  readonly tasks: readonly TaskType[]
}

const role = (tier: ModelTier, tasks: readonly TaskType[], about: string, prompt: string): AgentRole => ({
  tier,
  about,
  prompt,
  tasks,
})

/** What an agent can be started as. */
export const AGENT_ROLES = {
  oracle: role(
    'opus',
    ['synthesis'],
    'keeps the work of several agents on its mission',
    'You orchestrate the work of several agents. Keep it on its mission: say what comes next, who should do it, and what contradicts what. Do not do the work yourself.',
  ),
  architect: role(
    'opus',
    ['synthesis', 'analysis'],
    'designs systems and takes decisions of structure',
    'You design. Compare alternatives, name what each costs, decide, and write the decision down where the next reader will look for it.',
  ),
  coder: role(
    'sonnet',
    ['coding'],
    'writes the code',
    'You implement. Follow the conventions of the code around you, keep changes small and complete, run the tests, and say what you did not do.',
  ),
  analyst: role(
    'sonnet',
    ['analysis'],
    'takes requirements and problems apart',
    'You analyse. Break the problem into parts that can be settled one by one, separate what is known from what is assumed, and name the open questions.',
  ),
  reviewer: role(
    'sonnet',
    ['review'],
    'reads changes and says what is wrong with them',
    'You review. Look for wrong behaviour first, then for what will be hard to maintain. Point at the line, say why, propose the mend; change nothing yourself.',
  ),
  tester: role(
    'haiku',
    ['testing'],
    'finds the cases nobody thought of',
    'You test. Cover edges and failures, not only the happy path. A test that cannot fail is a defect. Report what you ran and what it said.',
  ),
  debugger: role(
    'sonnet',
    ['debugging'],
    'finds the cause of faults and mends it',
    'You debug. Reproduce the fault first, find its cause, mend the cause and not the symptom, and leave a test that would have caught it.',
  ),
  researcher: role(
    'haiku',
    ['research', 'extraction'],
    'gathers and sifts information',
    'You research. Gather what is asked, name the source of every statement, and say what you could not find.',
  ),
  scribe: role(
    'haiku',
    ['docs'],
    'writes documentation and keeps the record',
    'You write things down: documentation, decisions, what a session brought. Be short, exact and honest about what is unknown.',
  ),
  generalist: role(
    'sonnet',
    ['general'],
    'does any task',
    'You take any task. Ask when it is unclear what would count as done.',
  ),
} as const satisfies Readonly<Record<string, AgentRole>>

export type RoleName = keyof typeof AGENT_ROLES
export const ROLE_NAMES = Object.keys(AGENT_ROLES) as readonly RoleName[]

/** Names that gastown gives to jobs: kept as labels, each with the role it is started as unless another is named. */
export const ROLE_LABELS: Readonly<Record<string, RoleName>> = {
  mayor: 'oracle',
  deacon: 'oracle',
  boot: 'analyst',
  dog: 'generalist',
  witness: 'reviewer',
  refinery: 'reviewer',
  crew: 'generalist',
  polecat: 'coder',
}

export interface NamedRole {
  readonly role: RoleName
  readonly label: string | null
}

/** A role or a label, as people write them; null for neither. */
export const roleNamed = (name: string): NamedRole | null => {
  const known = ROLE_NAMES.find((one) => one === name)
  if (known !== undefined) return { role: known, label: null }
  const role = Object.hasOwn(ROLE_LABELS, name) ? ROLE_LABELS[name] : undefined
  return role === undefined ? null : { role, label: name }
}

export interface ChosenTier {
  readonly tier: ModelTier
  readonly reason: string
}

/** The tier of a task by its type and priority: what cannot wait or must bring things together gets the strongest. */
export const tierForTask = (task: { readonly type: TaskType; readonly priority: TaskPriority }): ChosenTier => {
  if (task.priority === 'critical') return { tier: 'opus', reason: 'priority critical' }
  if (task.type === 'synthesis') return { tier: 'opus', reason: 'task type synthesis' }
  if (task.type === 'analysis' || task.type === 'review') return { tier: 'sonnet', reason: `task type ${task.type}` }
  return { tier: 'haiku', reason: `task type ${task.type}, priority ${task.priority}` }
}

/** The tier an agent is started with: named by the caller, else by its task, else by its role. */
export const chooseTier = (wish: {
  readonly role: RoleName
  readonly tier: ModelTier | null
  readonly task: { readonly type: TaskType; readonly priority: TaskPriority } | null
}): ChosenTier => {
  if (wish.tier !== null) return { tier: wish.tier, reason: 'asked for' }
  if (wish.task !== null) return tierForTask(wish.task)
  return { tier: AGENT_ROLES[wish.role].tier, reason: `role ${wish.role}` }
}
