import type { LoadedConfig } from '../../config/index.ts'
import type { Reader } from '../../core/carrier.ts'
import { EXIT, usageError, VcError } from '../../core/errors.ts'
import { nearestName } from '../../core/nearest.ts'
import { contextOf } from '../context.ts'
import type { RegisterCommand } from '../deps.ts'
import { readerDespite } from '../despite-config.ts'
import { askFleet, type FleetAnswers, fleetScreen, lacksMachines, narrowedTo, withUnseen } from '../fleet-screen.ts'
import { readPast } from '../read-past.ts'

interface StatusOptions {
  readonly machine?: string
  readonly at?: string
  readonly requireFresh?: boolean
}

const linesOf = (answers: FleetAnswers): { id: string; stale: boolean }[] =>
  (answers.machines.data as { machines: { id: string; stale: boolean }[] }).machines

/** Whether the machine has a line; a configured one may be too young to have one. Throws what else is wrong with the name. */
const hasLine = async (
  reader: Reader,
  answers: FleetAnswers,
  wanted: string,
  loaded: LoadedConfig | null,
): Promise<boolean> => {
  const seen = linesOf(answers).map((m) => m.id)
  if (seen.includes(wanted)) return true
  const configured = loaded?.config.machines.find((machine) => machine.id === wanted)
  if (configured?.enabled === false)
    throw usageError('machine_disabled', `${wanted} is disabled: nobody looks at it`, `vc machines enable ${wanted}`)
  if (configured) return false
  // A daemon that does not answer would be waited for, only to say why nobody knows the name.
  const ask = (): Promise<unknown> =>
    reader.ask({ topic: 'machine', params: { id: wanted } }).catch((error: unknown) => error)
  const asked = reader.carrier === 'state_file' ? null : await ask()
  if (asked instanceof VcError && asked.code === 'machine_removed') throw asked
  const ids = [...new Set([...seen, ...(loaded?.config.machines.map((machine) => machine.id) ?? [])])]
  const near = nearestName(wanted, ids)
  throw usageError(
    'unknown_machine',
    `no machine is called '${wanted}'${near ? `; did you mean '${near}'?` : ''}`,
    `machines: ${ids.join(', ') || 'none'}`,
  )
}

export const register: RegisterCommand = (program, deps) => {
  program
    .command('status')
    .description('the fleet on one screen: machines, age, load, agents, spend today, and what is wrong first')
    .option('-m, --machine <id>', 'only this machine')
    .option('--at <when>', 'the past: an age such as 2h, or an ISO time', readPast)
    .option('--require-fresh', 'exit 3 when anything shown is stale or unreachable')
    .addHelpText('after', '\nExamples:\n  vc status\n  vc status -m atlas\n  vc status --at 2h\n  vc status --json')
    .action(async (options: StatusOptions, command) => {
      const ctx = contextOf(command, deps)
      const format = ctx.format(['table', 'json'])
      const { loaded, reader } = await readerDespite(ctx, deps)
      try {
        const answers = await askFleet(reader, options.at, format === 'json' && options.machine === undefined)
        const only = options.machine
        const unseen = only === undefined || (await hasLine(reader, answers, only, loaded)) ? undefined : only
        if (format === 'json') {
          const { machines, usage, triage } = only === undefined ? answers : narrowedTo(answers, only)
          ctx.printJson({ machines, usage, triage })
        } else
          ctx.print(
            fleetScreen(
              unseen === undefined ? answers : withUnseen(answers, unseen, options.at !== undefined),
              ctx.paint,
              {
                only,
                refusalSaid: loaded === null,
                width: deps.io.stdout.columns,
              },
            ),
          )
        const shown = linesOf(answers).filter((m) => only === undefined || m.id === only)
        const lacking = only === undefined ? lacksMachines(answers) : unseen !== undefined
        if (options.requireFresh && (lacking || shown.some((m) => m.stale))) ctx.exit(EXIT.stale)
      } finally {
        await reader.close()
      }
    })
}
