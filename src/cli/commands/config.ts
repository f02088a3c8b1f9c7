import type { Command } from 'commander'
import { EXIT } from '../../core/errors.ts'
import { type CliContext, contextOf } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'
import { reloadDaemon } from '../reload-daemon.ts'

async function paths(ctx: CliContext): Promise<void> {
  const [{ surroundings }, { configCandidates }] = await Promise.all([
    import('../../config/index.ts'),
    import('../../commands/config-files.ts'),
  ])
  const looked = configCandidates(surroundings(), ctx.configFlag)
  const { paths: places, refusal } = await ctx.places()
  if (refusal !== null) {
    ctx.note({ code: 'config_refused', message: `the file is refused: ${refusal.message}`, fix: 'vc config lint' })
    ctx.exit(EXIT.usage)
  }
  if (ctx.format(['table', 'json']) === 'json') return ctx.printJson({ config: looked, paths: places })
  const mark = (one: (typeof looked)[number]): string =>
    one.chosen
      ? refusal === null
        ? ctx.paint('good', 'in force')
        : ctx.paint('bad', 'refused')
      : one.exists
        ? 'there'
        : ctx.paint('dim', 'absent')
  const { tableText } = await import('../table.ts')
  const rows = [
    ...looked.map((one) => [`config (${one.by})`, one.path, mark(one)]),
    ...Object.entries(places).map(([name, path]) => [name.replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`), path, '']),
  ]
  ctx.print(tableText(['what', 'path', ''], rows, ctx.paint))
  if (looked.every((one) => !one.exists))
    ctx.print('\nno file: the built-in configuration is in force (this machine only)')
}

async function show(ctx: CliContext): Promise<void> {
  const [{ redactConfig, withoutUnset }, { stringify }, loaded] = await Promise.all([
    import('../../config/index.ts'),
    import('smol-toml'),
    ctx.config(),
  ])
  const safe = redactConfig(loaded.config)
  const source = loaded.source.is === 'file' ? loaded.source.path : null
  if (ctx.format(['toml', 'json']) === 'json') return ctx.printJson({ source, config: safe })
  ctx.print(`# in force, defaults included; from ${source ?? 'the built-in configuration (no file)'}`)
  ctx.print(stringify(withoutUnset(safe) as Record<string, unknown>).trimEnd())
}

async function explain(ctx: CliContext, key: string | undefined): Promise<void> {
  const { explainConfig } = await import('../../commands/config-explain.ts')
  // A broken file must not stop anybody from reading what its keys mean.
  const loaded = await ctx.config().catch(() => null)
  const sections = explainConfig(key, loaded)
  if (ctx.format(['table', 'json']) === 'json') return ctx.printJson(sections)
  for (const [index, section] of sections.entries()) {
    if (index > 0) ctx.print('')
    ctx.print(`${ctx.paint('strong', section.header)}  ${section.about}`)
    for (const one of section.keys) {
      const changed = one.now !== undefined && JSON.stringify(one.now) !== JSON.stringify(one.default)
      const now = changed ? `; ${ctx.paint('good', `now ${JSON.stringify(one.now)}`)}` : ''
      ctx.print(`  ${ctx.paint('strong', one.name)}  ${one.about}`)
      ctx.print(ctx.paint('dim', `      ${one.type}; default ${one.defaultText}`) + now)
    }
  }
}

async function lint(ctx: CliContext, file: string | undefined): Promise<void> {
  const [{ problemLine, surroundings }, { lintConfig }] = await Promise.all([
    import('../../config/index.ts'),
    import('../../commands/config-files.ts'),
  ])
  const report = lintConfig(surroundings(), file, ctx.configFlag)
  if (!report.ok) ctx.exit(EXIT.usage)
  if (ctx.format(['table', 'json']) === 'json') return ctx.printJson(report)
  if (report.file === null)
    return ctx.print('no configuration file; the built-in one is in force (make one: vc config init)')
  for (const problem of report.problems) {
    const word = problem.severity === 'error' ? ctx.paint('bad', 'error') : ctx.paint('warn', 'warning')
    ctx.print(`${word} ${problemLine(problem)}\n  fix: ${problem.fix}`)
  }
  const errors = report.problems.filter((problem) => problem.severity === 'error').length
  const warnings = report.problems.length - errors
  const machines = `${report.machines || 'no'} machine${report.machines === 1 ? '' : 's'} named`
  ctx.print(
    report.ok
      ? `${report.file}: ok (${machines}, warnings: ${warnings})`
      : `${report.file}: refused (errors: ${errors}, warnings: ${warnings})`,
  )
}

interface EditOptions {
  readonly reload?: boolean
}

async function edit(
  ctx: CliContext,
  deps: CliDeps,
  key: string,
  value: string | null,
  options: EditOptions,
): Promise<void> {
  const [{ problemLine, surroundings }, { editConfigKey }] = await Promise.all([
    import('../../config/index.ts'),
    import('../../commands/config-edit.ts'),
  ])
  const done = editConfigKey(surroundings(), ctx.configFlag, key, value)
  if (ctx.format(['table', 'json']) === 'json') ctx.printJson(done)
  else {
    const became = value === null ? 'is left to its default' : 'is written'
    ctx.print(`${done.file}: ${key} ${done.changed ? became : 'stands so already'}`)
    for (const problem of done.warnings) ctx.print(`${problemLine(problem)}\n  fix: ${problem.fix}`)
  }
  if (!done.changed) return
  if (options.reload) return reloadDaemon(ctx, deps)
  const running = await deps.pingDaemon(await ctx.config())
  if (running !== null) ctx.print('not in force yet: a daemon runs; let it take the file up with: vc config reload')
}

async function init(ctx: CliContext, options: { readonly force?: boolean; readonly print?: boolean }): Promise<void> {
  const [{ configExample, surroundings }, { initConfig }] = await Promise.all([
    import('../../config/index.ts'),
    import('../../commands/config-files.ts'),
  ])
  if (options.print) return void ctx.io.stdout.write(configExample())
  const path = initConfig(surroundings(), ctx.configFlag, options.force === true)
  if (ctx.format(['table', 'json']) === 'json') return ctx.printJson({ file: path })
  ctx.print(`wrote ${path} (readable by you alone; nothing in it is switched on yet)`)
  ctx.print('next: edit it, or: vc machines add atlas user@atlas; check it: vc config lint')
}

const examples = (text: string): string => `\nExamples:\n${text}`

export const register: RegisterCommand = (program: Command, deps: CliDeps) => {
  const config = program
    .command('config')
    .description('show, explain and check the configuration')
    .addHelpText('after', examples('  vc config lint\n  vc config explain polling\n  vc config init'))
  config
    .command('paths')
    .description('where vc looks for its configuration and keeps its things')
    .addHelpText('after', examples('  vc config paths\n  vc config paths --json'))
    .action((_options, command) => paths(contextOf(command, deps)))
  config
    .command('show')
    .description('the configuration in force, defaults included, secrets hidden')
    .addHelpText('after', examples('  vc config show\n  vc --config ops.toml config show --json'))
    .action((_options, command) => show(contextOf(command, deps)))
  config
    .command('explain')
    .argument('[key]', 'a key, a section, or nothing for all')
    .description('what a key means, what it may be and what is in force')
    .addHelpText(
      'after',
      examples('  vc config explain polling\n  vc config explain machines.ssh\n  vc config explain backup_keep'),
    )
    .action((key, _options, command) => explain(contextOf(command, deps), key))
  config
    .command('lint')
    .argument('[file]', 'the file to judge (else the one in force)')
    .description('judge a configuration file: every problem with line, key and fix; exit 2 when refused')
    .addHelpText('after', examples('  vc config lint\n  vc config lint ops.toml --json'))
    .action((file, _options, command) => lint(contextOf(command, deps), file))
  config
    .command('set')
    .argument('<key>', 'such as polling.max_connections or machines.atlas.enabled')
    .argument('<value>', 'as it would stand in the file; texts need no quotes')
    .description('write one key into the file, all else as it was; refused when lint would refuse it')
    .option('--reload', 'and let a running daemon take it up')
    .addHelpText(
      'after',
      examples(
        '  vc config set polling.default_interval_seconds 60\n  vc config set machines.atlas.enabled false --reload',
      ),
    )
    .action((key, value, options, command) => edit(contextOf(command, deps), deps, key, value, options))
  config
    .command('unset')
    .argument('<key>', 'such as polling.max_connections')
    .description('take one key out of the file, so that its default holds')
    .option('--reload', 'and let a running daemon take it up')
    .addHelpText('after', examples('  vc config unset polling.default_interval_seconds'))
    .action((key, options, command) => edit(contextOf(command, deps), deps, key, null, options))
  config
    .command('reload')
    .description('let a running daemon take the file up; a file that lint refuses changes nothing')
    .addHelpText('after', examples('  vc config reload'))
    .action((_options, command) => reloadDaemon(contextOf(command, deps), deps))
  config
    .command('init')
    .description('install the commented example (~/.config/vc/vc.toml, or --config FILE); never overwrites by itself')
    .option('--force', 'replace an existing file, keeping it as .bak')
    .option('--print', 'print the example instead')
    .addHelpText('after', examples('  vc config init\n  vc --config ops.toml config init\n  vc config init --print'))
    .action((options, command) => init(contextOf(command, deps), options))
}
