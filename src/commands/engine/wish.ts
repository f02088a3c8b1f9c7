import { isAbsolute } from 'node:path/posix'
import {
  chooseTier,
  MODEL_TIERS,
  ROLE_LABELS,
  ROLE_NAMES,
  roleNamed,
  TASK_PRIORITIES,
  TASK_TYPES,
  type TaskPriority,
} from '../../core/agent-role.ts'
import { RESTART_POLICIES, type SpawnWish, type StandingSchedule } from '../../core/engine.ts'
import { usageError } from '../../core/errors.ts'
import { SAFE_NAME } from '../../core/ids.ts'
import { nameList, suggestName } from '../../core/nearest.ts'
import { redact } from '../../core/redact.ts'
import { displayText } from '../../core/text.ts'

type Given = Readonly<Record<string, unknown>>

/** One of a closed list of words, or its default. Throws a usage error that names the nearest. */
const oneOf = <const Word extends string>(
  given: Given,
  name: string,
  words: readonly Word[],
  otherwise: Word,
): Word => {
  const value = given[name]
  if (value === undefined || value === null) return otherwise
  const found = words.find((word) => word === value)
  if (found !== undefined) return found
  throw usageError(
    `bad_${name}`,
    `“${displayText(String(value), 40)}” is no ${name.replaceAll('_', ' ')}`,
    typeof value === 'string' ? suggestName(value, words) : nameList(words),
  )
}

const textOf = (given: Given, name: string): string | null => {
  const value = given[name]
  if (value === undefined || value === null) return null
  if (typeof value !== 'string' || value === '' || value.includes('\0') || value.length > 4096)
    throw usageError(`bad_${name}`, `${name} is no text vc can use`, 'see: vc agent spawn --help')
  return value
}

const folderOf = (given: Given): string => {
  const cwd = textOf(given, 'cwd')
  if (cwd !== null && isAbsolute(cwd)) return cwd
  throw usageError(
    'bad_cwd',
    cwd === null ? 'no folder is named for the agent' : `“${displayText(cwd, 200)}” is no absolute path`,
    'name one on its machine: --cwd /home/you/project',
  )
}

const wordsOf = (given: Given, name: string): readonly string[] => {
  const value = given[name] ?? []
  if (
    Array.isArray(value) &&
    value.every((word) => typeof word === 'string' && !word.includes('\0') && word.length <= 4096)
  )
    return value as string[]
  throw usageError(`bad_${name}`, `${name} are no words of a command`, 'see: vc agent spawn --help')
}

const scheduleOf = (given: Given): StandingSchedule | null => {
  const cron = textOf(given, 'schedule')
  if (cron === null) return null
  if (!/^\s*(\S+\s+){4}\S+\s*$/.test(cron))
    throw usageError(
      'bad_schedule',
      `“${displayText(cron, 60)}” is no schedule`,
      'five fields, UTC: --schedule "0 7 * * *"',
    )
  const body = textOf(given, 'mission')
  if (body === null)
    throw usageError(
      'no_mission',
      'a schedule needs a mission to hand out',
      'say it: --mission "look at the open alerts"',
    )
  return { cron: cron.trim().replaceAll(/\s+/g, ' '), title: textOf(given, 'mission_title') ?? body.slice(0, 60), body }
}

const machineOf = (given: Given): string => {
  const machine = textOf(given, 'machine') ?? ''
  if (SAFE_NAME.test(machine)) return machine
  throw usageError('bad_machine', `“${displayText(machine, 64)}” is no name of a machine`, 'vc machines list')
}

/** A wish for one agent, from whatever door. Throws a usage error that names what is wrong; believes nothing unread. */
export const parseSpawnWish = (
  given: Given,
  known: { readonly clis: readonly string[]; readonly modelOf: (cli: string, tier: string) => string | null },
): SpawnWish => {
  const cli = oneOf(given, 'cli', known.clis, 'claude')
  const roleGiven = textOf(given, 'role') ?? 'generalist'
  const named = roleNamed(roleGiven)
  if (named === null)
    throw usageError(
      'unknown_role',
      `there is no role “${displayText(roleGiven, 40)}”`,
      suggestName(roleGiven, [...ROLE_NAMES, ...Object.keys(ROLE_LABELS)]),
    )
  const priority: TaskPriority = oneOf(given, 'priority', TASK_PRIORITIES, 'normal')
  const type = given.task === undefined || given.task === null ? null : oneOf(given, 'task', TASK_TYPES, 'general')
  const tier = given.tier === undefined || given.tier === null ? null : oneOf(given, 'tier', MODEL_TIERS, 'sonnet')
  const chosen = chooseTier({ role: named.role, tier, task: type === null ? null : { type, priority } })
  const args = wordsOf(given, 'args')
  if (args.some((word) => redact(word) !== word))
    throw usageError(
      'secret_in_args',
      'a word of the command looks like a secret, and the words are kept to start it again',
      'put it into the login environment of its machine',
    )
  if (cli === 'generic' && args.length === 0)
    throw usageError(
      'no_command',
      'a generic agent needs a command',
      'put it behind --: vc agent spawn --cli generic … -- sh',
    )
  return {
    machineId: machineOf(given),
    cli,
    role: named.role,
    label: named.label ?? textOf(given, 'label'),
    tier: chosen.tier,
    tierReason: chosen.reason,
    model: textOf(given, 'model') ?? known.modelOf(cli, chosen.tier),
    cwd: folderOf(given),
    isolation: oneOf(given, 'isolation', ['shared', 'worktree'], 'shared'),
    promptFile: textOf(given, 'prompt_file'),
    args,
    restartPolicy: oneOf(given, 'restart', RESTART_POLICIES, 'never'),
    priority,
    schedule: scheduleOf(given),
  }
}
