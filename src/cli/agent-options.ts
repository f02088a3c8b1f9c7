import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { LoadedConfig } from '../config/index.ts'
import { isLocal } from '../config/index.ts'
import type { ActWish } from '../core/action.ts'
import { MODEL_TIERS, ROLE_LABELS, ROLE_NAMES, TASK_PRIORITIES, TASK_TYPES } from '../core/agent-role.ts'
import { RESTART_POLICIES } from '../core/engine.ts'
import { usageError } from '../core/errors.ts'

/** What an agent is started as, as typed. */
export interface SpawnOptions {
  readonly machine?: string
  readonly cwd?: string
  readonly cli?: string
  readonly role?: string
  readonly tier?: string
  readonly model?: string
  readonly task?: string
  readonly priority?: string
  readonly worktree?: boolean
  readonly restart?: string
  readonly promptFile?: string
  readonly schedule?: string
  readonly mission?: string
  readonly yes?: boolean
}

/** The options of every verb that starts agents. */
export const spawnOptions = (command: Command): Command =>
  command
    .option('-m, --machine <id>', 'where; without it this machine')
    .option('--cwd <folder>', 'folder on that machine; without it the current one, on this machine only')
    .option('--cli <name>', 'claude, codex, gemini, opencode, or generic with a command behind --', 'claude')
    .option('--role <role>', `${ROLE_NAMES.join(', ')}; or a label: ${Object.keys(ROLE_LABELS).join(', ')}`)
    .option('--tier <tier>', `${MODEL_TIERS.join(', ')}; without it by task, else by role`)
    .option('--model <name>', 'named to the CLI as it is; without it by tier')
    .option('--task <type>', `what it is started for: ${TASK_TYPES.join(', ')}`)
    .option('--priority <priority>', `${TASK_PRIORITIES.join(', ')}: its place in the queue, and its tier`)
    .option('--worktree', 'in a git worktree of its own')
    .option('--restart <policy>', `when it ends unasked: ${RESTART_POLICIES.join(', ')}`, 'never')
    .option('--prompt-file <path>', 'words for it beside its role, a file on that machine')
    .option('--schedule <cron>', 'standing agent: gets --mission at these times, five fields, UTC')
    .option('--mission <text>', 'what a standing agent gets')
    .option('-y, --yes', 'do not ask; a terminal is needed all the same')

const localMachine = ({ config }: LoadedConfig): string | null =>
  config.machines.find((machine) => isLocal(machine))?.id ?? null

/** The wish as the owner of the store understands it. Folders of another machine must be named whole. */
export const spawnParams = (
  loaded: LoadedConfig,
  options: SpawnOptions,
  words: readonly string[],
  here: string,
): ActWish['params'] => {
  const local = localMachine(loaded)
  const machine = options.machine ?? local
  if (machine === null)
    throw usageError('no_machine', 'vc.toml has no machine that is this one', 'name one: --machine <id>')
  const isHere = machine === local
  if (!isHere && options.cwd === undefined)
    throw usageError('no_cwd', `no folder on ${machine} is named`, 'say it: --cwd /home/you/project')
  return {
    machine,
    cwd: isHere ? resolve(here, options.cwd ?? '.') : options.cwd,
    cli: options.cli,
    role: options.role,
    tier: options.tier,
    model: options.model,
    task: options.task,
    priority: options.priority,
    isolation: options.worktree === true ? 'worktree' : 'shared',
    restart: options.restart,
    prompt_file: options.promptFile,
    schedule: options.schedule,
    mission: options.mission,
    args: words,
  }
}
