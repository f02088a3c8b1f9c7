import type { Command } from 'commander'
import type { MachineLine } from '../../commands/machines-list.ts'
import type { ProbeReport } from '../../commands/machines-probe.ts'
import type { LoadedConfig } from '../../config/index.ts'
import type { Reader } from '../../core/carrier.ts'
import { EXIT } from '../../core/errors.ts'
import { withoutSteering } from '../../core/text.ts'
import { type CliContext, contextOf } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'
import { openerDespite } from '../despite-config.ts'
import type { Paint, Tone } from '../io.ts'
import { isInteractive } from '../io.ts'
import { reloadDaemon } from '../reload-daemon.ts'
import { sayWarnings } from '../say-warnings.ts'

const TONES: Readonly<Record<string, Tone>> = { online: 'good', degraded: 'warn', offline: 'bad', unknown: 'dim' }

const rowOf = (line: MachineLine, paint: Paint, age: (s: number | null) => string): string[] => [
  line.id,
  line.ssh,
  !line.configured
    ? paint('dim', 'former')
    : line.enabled
      ? paint(TONES[line.status] ?? 'dim', line.status)
      : paint('dim', 'disabled'),
  // Nobody asks for the age of a machine that nobody looks at.
  line.configured && !line.enabled ? '-' : age(line.age_s),
  line.tags.join(' '),
  line.status_reason ?? (line.same_as === null ? '' : `same machine as ${line.same_as}: vc doctor`),
]

const withReader = async <Answer>(
  open: () => Promise<Reader>,
  ask: (reader: Reader) => Promise<Answer>,
): Promise<Answer> => {
  const reader = await open()
  return ask(reader).finally(() => reader.close())
}

async function list(ctx: CliContext, deps: CliDeps): Promise<void> {
  const { listMachines, listRunning } = await import('../../commands/machines-list.ts')
  const { loaded, open } = await openerDespite(ctx, deps)
  const answer = loaded === null ? await withReader(open, listRunning) : await listMachines(loaded, open)
  for (const warning of answer.warnings) ctx.note(warning)
  if (ctx.format(['table', 'json']) === 'json') return ctx.printJson(answer)
  sayWarnings(ctx, answer.notes, loaded === null ? ['config_refused'] : [])
  const { ageText, tableText } = await import('../table.ts')
  const rows = answer.machines.map((line) => rowOf(line, ctx.paint, ageText))
  ctx.print(tableText(['machine', 'ssh', 'status', 'seen', 'tags', 'why'], rows, ctx.paint))
}

async function show(ctx: CliContext, deps: CliDeps, id: string): Promise<void> {
  const [{ showMachine }, { redactConfig, withoutUnset }] = await Promise.all([
    import('../../commands/machines-list.ts'),
    import('../../config/index.ts'),
  ])
  const loaded = await ctx.config()
  const { machine, seen, warnings } = await showMachine(loaded, id, () => deps.openReader(loaded))
  for (const warning of warnings) ctx.note(warning)
  if (ctx.format(['toml', 'json']) === 'json') return ctx.printJson({ machine: redactConfig(machine), seen, warnings })
  const { stringify } = await import('smol-toml')
  ctx.print(`# configured\n${stringify(withoutUnset(redactConfig(machine)) as Record<string, unknown>).trimEnd()}`)
  if (seen === null) return
  ctx.print(
    `\n# last seen\n${stringify(withoutUnset(JSON.parse(withoutSteering(JSON.stringify(seen)))) as Record<string, unknown>).trimEnd()}`,
  )
}

interface AddOptions {
  readonly tag?: readonly string[]
  readonly role?: readonly string[]
  readonly reload?: boolean
}

/** How a daemon that runs learns of an edit: at once where that was asked for. */
async function afterEdit(
  ctx: CliContext,
  deps: CliDeps,
  loaded: LoadedConfig,
  now: boolean | undefined,
): Promise<void> {
  if (now) return reloadDaemon(ctx, deps)
  if (ctx.format(['table', 'json']) === 'json') return
  const { reloadHint } = await import('../../commands/machines-edit.ts')
  const hint = await reloadHint(loaded)
  if (hint !== null) ctx.print(hint)
}

async function add(
  ctx: CliContext,
  deps: CliDeps,
  id: string,
  target: string | undefined,
  options: AddOptions,
): Promise<void> {
  const [{ addMachineToConfig }, { surroundings }] = await Promise.all([
    import('../../commands/machines-edit.ts'),
    import('../../config/index.ts'),
  ])
  const loaded = await ctx.config()
  const machine = { id, ssh: target ?? id, tags: options.tag ?? [], roles: options.role ?? [] }
  const report = addMachineToConfig(surroundings(), ctx.configFlag, loaded, machine)
  if (ctx.format(['table', 'json']) === 'json') ctx.printJson({ ...report, machine })
  else {
    ctx.print(`added '${id}' (ssh = ${machine.ssh}) to ${report.file}`)
    for (const line of report.also) ctx.print(`  ${line}`)
    ctx.print(`next: vc machines probe ${id}`)
  }
  await afterEdit(ctx, deps, loaded, options.reload)
}

async function switchTo(
  ctx: CliContext,
  deps: CliDeps,
  id: string,
  enabled: boolean,
  options: Pick<AddOptions, 'reload'>,
): Promise<void> {
  const [{ switchMachine }, { surroundings }] = await Promise.all([
    import('../../commands/machines-edit.ts'),
    import('../../config/index.ts'),
  ])
  const loaded = await ctx.config()
  const report = switchMachine(surroundings(), ctx.configFlag, loaded, id, enabled)
  const word = enabled ? 'enabled' : 'disabled'
  if (ctx.format(['table', 'json']) === 'json') ctx.printJson({ ...report, id, enabled })
  else if (report.changed) ctx.print(`${word} '${id}' in ${report.file} (before: ${report.file}.bak)`)
  else ctx.print(`'${id}' is ${word} already`)
  if (report.changed || options.reload) await afterEdit(ctx, deps, loaded, options.reload)
}

function reportProbe(ctx: CliContext, report: ProbeReport): void {
  const ok = report.class === 'ok'
  const tone = ctx.paint(ok ? 'good' : 'bad', ok ? 'ok' : report.class)
  ctx.print(
    `${ctx.paint('strong', report.id)}  ${tone}  ${report.ssh} over ${report.kind}${report.connectMs + report.execMs > 0 ? `, connect ${report.connectMs} ms, script ${report.execMs} ms` : ''}`,
  )
  if (report.why !== null) ctx.print(`  over ssh itself: ${report.why}`)
  if (report.detail !== null && !ok) ctx.print(`  ${report.detail}`)
  if (report.fix !== null) ctx.print(`  fix: ${report.fix}`)
  if (!ok) return
  ctx.print(`  ${report.hostname ?? 'unknown host'}, ${report.os ?? 'unknown system'}`)
  ctx.print(`  has: ${Object.keys(report.tools).join(' ') || 'none of the tools vc knows'}`)
}

async function probe(ctx: CliContext, deps: CliDeps, ids: readonly string[]): Promise<void> {
  const [{ probeMachine }, { machineNamed }, { default: pLimit }] = await Promise.all([
    import('../../commands/machines-probe.ts'),
    import('../../commands/machines-named.ts'),
    import('p-limit'),
  ])
  const loaded = await ctx.config()
  const format = ctx.format(['table', 'json'])
  const chosen =
    ids.length > 0 ? ids.map((id) => machineNamed(loaded, id)) : loaded.config.machines.filter((m) => m.enabled)
  const ports = await deps.probePorts(loaded)
  const limit = pLimit(loaded.config.polling.max_connects_in_flight)
  const reports = await Promise.all(
    chosen.map((machine) =>
      limit(async () => {
        const report = await probeMachine(loaded, machine, ports)
        if (format === 'table') reportProbe(ctx, report)
        return report
      }),
    ),
  )
  if (format === 'json') ctx.printJson(reports)
  if (reports.some((report) => report.class !== 'ok')) ctx.exit(EXIT.fault)
}

async function trust(ctx: CliContext, deps: CliDeps, id: string, fingerprint: string | undefined): Promise<void> {
  const [{ trustMachine }, { machineNamed }, { askForTrust }] = await Promise.all([
    import('../../commands/machines-trust.ts'),
    import('../../commands/machines-named.ts'),
    import('../ask-person.ts'),
  ])
  const loaded = await ctx.config()
  const machine = machineNamed(loaded, id)
  const format = ctx.format(['table', 'json'])
  const ask = isInteractive(deps.io) && format === 'table' ? askForTrust.bind(null, deps.io, id) : null
  const report = await trustMachine(loaded, machine, { fingerprint, ask }, await deps.trustPorts(loaded))
  for (const warning of report.warnings) ctx.note(warning)
  if (format === 'json') return ctx.printJson(report)
  if (report.outcome === 'already_trusted')
    return ctx.print(
      `${id}: its ${report.keyType} key ${report.fingerprint} is trusted already; a daemon that met another one tries again`,
    )
  ctx.print(`${id}: trusted ${report.keyType} ${report.fingerprint} (in ${report.file})`)
  ctx.print(`next: vc machines probe ${id}`)
}

const examples = (text: string): string => `\nExamples:\n${text}`
const RELOAD = 'and let a running daemon take the file up'
const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

function registerEdits(machines: Command, deps: CliDeps): void {
  machines
    .command('add')
    .argument('<id>', 'name of the machine, stable and unique')
    .argument('[target]', 'ssh_config alias, user@host[:port] or ssh://… (else the id, as an alias)')
    .description('append a machine to vc.toml; contacts nobody')
    .option('--tag <tag>', 'a tag (repeatable)', several)
    .option('--role <role>', 'a role (repeatable)', several)
    .option('--reload', RELOAD)
    .addHelpText(
      'after',
      examples(
        '  vc machines add atlas ubuntu@atlas.internal --tag gpu\n  vc machines add mini admin@mac-mini.local:2222',
      ),
    )
    .action((id, target, options, command) => add(contextOf(command, deps), deps, id, target, options))
  for (const [name, enabled, about] of [
    ['enable', true, 'look at a machine again'],
    ['disable', false, 'stop looking at a machine; its history stays'],
  ] as const) {
    machines
      .command(name)
      .argument('<id>', 'machine id')
      .description(about)
      .addHelpText('after', examples(`  vc machines ${name} atlas`))
      .option('--reload', RELOAD)
      .action((id, options, command) => switchTo(contextOf(command, deps), deps, id, enabled, options))
  }
}

function registerContacts(machines: Command, deps: CliDeps): void {
  machines
    .command('probe')
    .argument('[ids...]', 'machine ids (else every enabled one)')
    .description('reach machines now, say what is in the way and how to mend it; exit 1 when one fails')
    .addHelpText('after', examples('  vc machines probe\n  vc machines probe atlas borg --json'))
    .action((ids, _options, command) => probe(contextOf(command, deps), deps, ids))
  machines
    .command('trust')
    .argument('<id>', 'machine id')
    .description('look at the host key of a machine and accept it; exit 4 without a confirmation')
    .option('--fingerprint <sha256>', 'the fingerprint you expect, for scripts')
    .addHelpText('after', examples('  vc machines trust atlas\n  vc machines trust atlas --fingerprint SHA256:…'))
    .action((id, options, command) => trust(contextOf(command, deps), deps, id, options.fingerprint))
}

export const register: RegisterCommand = (program: Command, deps: CliDeps) => {
  const machines = program
    .command('machines')
    .description('list, add, probe and trust machines')
    .addHelpText(
      'after',
      examples('  vc machines list\n  vc machines add atlas ubuntu@atlas.internal\n  vc machines probe atlas'),
    )
  machines
    .command('list')
    .description('every machine of vc.toml, with its state')
    .addHelpText('after', examples('  vc machines list\n  vc machines list --json'))
    .action((_options, command) => list(contextOf(command, deps), deps))
  machines
    .command('show')
    .argument('<id>', 'machine id')
    .description('everything about one machine')
    .addHelpText('after', examples('  vc machines show atlas\n  vc machines show atlas --json'))
    .action((id, _options, command) => show(contextOf(command, deps), deps, id))
  registerEdits(machines, deps)
  registerContacts(machines, deps)
}
