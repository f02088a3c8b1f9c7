import { realpathSync } from 'node:fs'
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startDaemon, stopDaemon } from '../../commands/daemon-control.ts'
import { holderFix, holderWords } from '../../commands/holder-words.ts'
import { launchdPlist, placesOfEnv, systemdUnit } from '../../commands/service-files.ts'
import { refuseStopped, storeHolder } from '../../commands/store-holder.ts'
import type { LoadedConfig } from '../../config/index.ts'
import { EXIT, usageError, VcError } from '../../core/errors.ts'
import { suggestName } from '../../core/nearest.ts'
import { refusalOf } from '../../core/refusal.ts'
import { type CliContext, contextOf, waitNote } from '../context.ts'
import type { CliDeps, RegisterCommand } from '../deps.ts'
import { refusalNote } from '../despite-config.ts'
import { noteOtherBuild } from '../other-build.ts'
import { reloadConfig } from '../reload-config.ts'
import { askBegunAnew, sayBegunAnew } from '../say-begun-anew.ts'
import { unheard } from '../unheard.ts'
import { untilSignal } from '../until-signal.ts'

const controlPorts = async (deps: CliDeps, { paths }: Pick<LoadedConfig, 'paths'>) => ({
  ...(await deps.processPorts()),
  ping: () => deps.pingDaemon({ paths }),
  holder: () => storeHolder(paths.dataDir),
})

const portsFor = async (ctx: CliContext, deps: CliDeps, loaded: LoadedConfig) => ({
  ...(await controlPorts(deps, loaded)),
  boundOutput: () => deps.boundOutput(outputFile(loaded)),
  output: () => readFile(outputFile(loaded), 'utf8').catch(() => ''),
  outputRefusal: () =>
    appendFile(outputFile(loaded), '\n').then(
      () => null,
      (error: unknown) => refusalOf(error, outputFile(loaded)),
    ),
  // By its whole path: the daemon starts in another folder, where a relative VC_CONFIG or --config means nothing.
  launch: () =>
    deps.launchDaemon(loaded.source.is === 'file' ? loaded.source.path : ctx.configFlag, outputFile(loaded)),
})

const outputFile = (loaded: LoadedConfig): string => join(loaded.paths.logDir, 'daemon.out')

const HOUR_MS = 3_600_000

/** Only what is printed goes there, a line now and then; but a daemon runs for years. */
const keepOutputSmall = (deps: CliDeps, loaded: LoadedConfig): (() => void) => {
  const timer = setInterval(() => deps.boundOutput(outputFile(loaded)), HOUR_MS).unref()
  return () => clearInterval(timer)
}

const runForeground = async (ctx: CliContext, deps: CliDeps, loaded: LoadedConfig): Promise<void> => {
  await refuseStopped(loaded.paths.dataDir)
  const running = await deps.pingDaemon(loaded)
  if (running) await noteOtherBuild(ctx, deps, running)
  if (running)
    throw new VcError(
      'already_running',
      `a daemon runs already (pid ${running.pid})`,
      'vc daemon stop, or just use it',
      { exitCode: EXIT.refused },
    )
  unheard(ctx.io.stdout)
  const signal = untilSignal(() => void reloadConfig(ctx, starting))
  const starting = deps.startCockpit(loaded, { onWait: waitNote(ctx) }, { demo: false, configFlag: ctx.configFlag })
  const cockpit = await starting
  const letGrow = keepOutputSmall(deps, loaded)
  try {
    const socket = await cockpit.serve()
    cockpit.start()
    ctx.print(
      `vc: watching ${cockpit.machineIds.length} machine${cockpit.machineIds.length === 1 ? '' : 's'}, answering on ${socket}`,
    )
    sayBegunAnew(ctx, await cockpit.begunAnew())
    await signal.ended
  } finally {
    letGrow()
    await cockpit.stop().finally(signal.release)
  }
  ctx.print('vc: stopped')
}

const detach = async (ctx: CliContext, deps: CliDeps, loaded: LoadedConfig): Promise<void> => {
  // Its output goes into the log folder before it can make one itself.
  const { ensurePaths } = await import('../../config/index.ts')
  ensurePaths(loaded.paths, process.getuid?.() ?? 0)
  await refuseStopped(loaded.paths.dataDir)
  const running = await deps.pingDaemon(loaded)
  if (running !== null) await noteOtherBuild(ctx, deps, running)
  const started = await startDaemon(await portsFor(ctx, deps, loaded), outputFile(loaded))
  const reader = await deps.runningReader(loaded.paths)
  if (reader !== null) await askBegunAnew(ctx, reader).finally(() => reader.close())
  ctx.print(`vc: daemon runs, pid ${started.pid}; log in ${loaded.paths.logDir}`)
}

const WORDS = ['status', 'stop', 'install'] as const

export const register: RegisterCommand = (program, deps) => {
  const daemon = program
    .command('daemon')
    .description('own the store, poll the fleet, answer every other command')
    .option('--detach', 'start it in the background and return when it answers')
    .addHelpText(
      'after',
      '\nExamples:\n  vc daemon\n  vc daemon --detach\n  vc daemon status\n  vc daemon install --print',
    )
    .action(async (options: { detach?: boolean }, command) => {
      const [word] = command.args
      if (word !== undefined)
        throw usageError('unknown_command', `vc daemon has no command '${word}'`, suggestName(word, WORDS))
      const ctx = contextOf(command, deps)
      const loaded = await ctx.config()
      await (options.detach ? detach(ctx, deps, loaded) : runForeground(ctx, deps, loaded))
    })
  daemon
    .command('status')
    .description('whether a daemon answers, since when; exit 1 when none does')
    .addHelpText('after', '\nExamples:\n  vc daemon status\n  vc daemon status --json')
    .action(async (_options: unknown, command) => {
      const ctx = contextOf(command, deps)
      const { paths, refusal } = await ctx.places()
      const running = await deps.pingDaemon({ paths })
      const silent = running === null ? await storeHolder(paths.dataDir) : null
      // Without a daemon there is nothing to tell but why none would start.
      if (refusal !== null && running === null && silent === null) throw refusal
      if (refusal !== null) refusalNote(ctx, refusal)
      if (running !== null) await noteOtherBuild(ctx, deps, running)
      if (ctx.format(['table', 'json']) === 'json')
        ctx.printJson({ running: running !== null, ...running, silent_pid: silent, socket: paths.socketFile })
      else if (running) ctx.print(`running, pid ${running.pid}, version ${running.version}, since ${running.startedAt}`)
      else
        ctx.print(
          silent === null
            ? `no daemon answers on ${paths.socketFile}`
            : `${holderWords(silent)} owns ${paths.dataDir} but does not answer on ${paths.socketFile} (${holderFix(silent, 'end it: vc daemon stop; a daemon that was started with another XDG_STATE_HOME answers elsewhere')})`,
        )
      if (!running) ctx.exit(EXIT.fault)
    })
  daemon
    .command('stop')
    .description('end the daemon and wait until it is gone')
    .addHelpText('after', '\nExamples:\n  vc daemon stop')
    .action(async (_options: unknown, command) => {
      const ctx = contextOf(command, deps)
      const { paths, refusal } = await ctx.places()
      const stopped = await stopDaemon(await controlPorts(deps, { paths }))
      if (stopped === null && refusal !== null) throw refusal
      ctx.print(stopped ? `vc: daemon (pid ${stopped.pid}) has stopped` : 'vc: no daemon was running')
    })
  daemon
    .command('install')
    .description('print a unit for the service manager; vc installs nothing by itself')
    .option('--print', 'print it (the only thing it does)')
    .option('--manager <name>', 'systemd or launchd', process.platform === 'darwin' ? 'launchd' : 'systemd')
    .addHelpText(
      'after',
      '\nExamples:\n  vc daemon install --print | install -D /dev/stdin ~/.config/systemd/user/vc.service\n  vc daemon install --print --manager launchd > ~/Library/LaunchAgents/dev.vibe-cockpit.vc.plist',
    )
    .action(async (options: { print?: boolean; manager: string }, command) => {
      const ctx = contextOf(command, deps)
      const loaded = await ctx.config()
      if (!options.print)
        throw usageError(
          'print_only',
          'vc changes no service manager by itself',
          'vc daemon install --print; its first lines say where it goes',
        )
      const facts = {
        node: process.execPath,
        script: realpathSync(deps.script),
        configFile: loaded.source.is === 'file' ? loaded.source.path : null,
        env: placesOfEnv(deps.io.env),
      }
      if (options.manager !== 'systemd' && options.manager !== 'launchd')
        throw usageError('unknown_manager', `there is no unit for '${options.manager}'`, '--manager systemd or launchd')
      ctx.print((options.manager === 'systemd' ? systemdUnit(facts) : launchdPlist(facts)).trimEnd())
    })
  // Its own excess words are told as unknown commands, above; allowed last, because commands below it inherit what stands before.
  daemon.allowExcessArguments()
}
