// The one place that knows everybody: it builds the parts, hands them to the command line and returns its exit code.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commands } from './cli/commands/index.ts'
import { noteTo, waitNote } from './cli/context.ts'
import type { CliDeps } from './cli/deps.ts'
import { runCli } from './cli/run.ts'
import { typedAs } from './cli/typed-as.ts'
import { cutAnswer } from './cli/unheard.ts'
import type { LoadedConfig } from './config/index.ts'
import type { Reader } from './core/carrier.ts'
import { EXIT } from './core/errors.ts'
import { codeFolders, packageFile } from './core/own-files.ts'
import { askToEnd, boundOutput, isAlive, startDetached } from './transport/detach.ts'
import { makePrivateFiles } from './transport/own-umask.ts'

const version = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown'
}

async function openReader(loaded: LoadedConfig, onWait: (pid: number) => void): Promise<Reader> {
  const [{ runningReader }, { ensureDataDir }] = await Promise.all([
    import('./commands/ask-daemon.ts'),
    import('./config/index.ts'),
  ])
  ensureDataDir(loaded.paths, process.getuid?.() ?? 0)
  const running = await runningReader(loaded.paths)
  if (running !== null) return running
  const [{ openReader: open }, { readerPlaces }] = await Promise.all([
    import('./commands/open-reader.ts'),
    import('./main-cockpit.ts'),
  ])
  return open({ ...readerPlaces(loaded, version()), onWait })
}

async function pingDaemon({ paths }: Pick<LoadedConfig, 'paths'>): ReturnType<CliDeps['pingDaemon']> {
  // Half of the time it takes to say so is reading the client.
  if (!existsSync(paths.socketFile)) return null
  const { NoDaemon, pingDaemon: ping } = await import('./transport/socket-client.ts')
  try {
    return await ping(paths.socketFile)
  } catch (error) {
    if (error instanceof NoDaemon) return null
    throw error
  }
}

const SCRIPT = fileURLToPath(packageFile('bin/vc.js'))

const TERMINAL: CliDeps['io'] = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  typedAs: typedAs(process.env, existsSync(packageFile('src/main.ts'))),
}

const depsFor = (argv: readonly string[], io = TERMINAL): CliDeps => ({
  argv,
  entries: commands,
  io,
  version: version(),
  outcome: { exitCode: EXIT.answered },
  loadConfig: async (flag) => (await import('./config/index.ts')).loadConfig(flag),
  placesDespite: async (flag) => (await import('./config/index.ts')).placesDespite(flag),
  runningReader: async (paths) => (await import('./commands/ask-daemon.ts')).runningReader(paths),
  openReader: (loaded) => openReader(loaded, waitNote({ note: noteTo(io) })),
  pingDaemon,
  ownBuild: async () => (await import('./transport/own-build.ts')).buildOf(codeFolders()),
  script: SCRIPT,
  launchDaemon: (configFlag, outputFile) =>
    startDetached(
      process.execPath,
      [SCRIPT, 'daemon', ...(configFlag === undefined ? [] : ['--config', resolve(configFlag)])],
      outputFile,
    ),
  boundOutput: (outputFile) => boundOutput(outputFile),
  processPorts: async () => ({ end: askToEnd, alive: isAlive }),
  demoConfig: async () => (await import('./main-demo.ts')).demoConfig(),
  async startCockpit(loaded, hooks, options) {
    const [{ beginOpening }, { openLogFile }] = await Promise.all([
      import('./main-opening.ts'),
      import('./transport/log-file.ts'),
    ])
    const { log_level: level, log_max_mb: maxMb, log_keep: keep } = loaded.config.vc
    const { log, close } = openLogFile({ dir: loaded.paths.logDir, level, maxMb, keep })
    const { demo, oneLook } = options
    const onWait = hooks.onWait?.bind(hooks)
    const opening = await beginOpening({
      loaded,
      version: version(),
      log,
      demo,
      ...(oneLook ? { oneLook } : {}),
      ...(onWait ? { onWait } : {}),
    })
    await opening.store.underWay
    const { startCockpit } = await import('./main-cockpit.ts')
    // The demo has a file of its own that nobody names.
    const file = demo && loaded.source.is === 'file' ? loaded.source.path : options.configFlag
    const reload = async () => (await import('./config/index.ts')).loadConfig(file)
    const forOneLook = oneLook !== undefined
    return startCockpit({ loaded, reload, version: version(), log, hooks, demo, forOneLook, opening, closeLog: close })
  },
  lookBeside: async (loaded, ...wish) => (await import('./commands/look-beside.ts')).lookBeside(loaded.paths, ...wish),
  robotAnswer: async (...question) => (await import('./robot/answer.ts')).robotAnswer(...question),
  async robotDocs(page, topic, ofUsual) {
    const [{ robotDocs }, { queries }, { knownWords }] = await Promise.all([
      import('./robot/docs.ts'),
      import('./queries/index.ts'),
      import('./robot/words.ts'),
    ])
    const first = async (kind: string) => (page === 'examples' && ofUsual ? (await knownWords(kind))[0] : undefined)
    return robotDocs(queries, page, topic, { machine: await first('machines'), agent: await first('agents') })
  },
  probePorts: async (loaded) => (await import('./commands/machines-ports.ts')).probePorts(loaded),
  async captureNow(loaded, carrier) {
    const { daemonCapture, ownCapture } = await import('./commands/evidence-ports.ts')
    return carrier === 'socket' ? daemonCapture(loaded) : ownCapture(loaded)
  },
  async searchContent(loaded, carrier) {
    const { daemonContent, ownContent } = await import('./commands/content-ports.ts')
    return carrier === 'socket' ? daemonContent(loaded) : ownContent(loaded)
  },
  openActDoor: async (loaded) => (await import('./main-acting.ts')).openActDoor(loaded, waitNote({ note: noteTo(io) })),
  trustPorts: async (loaded) => (await import('./commands/machines-ports.ts')).trustPorts(loaded),
  openTui: async (load, wish) => (await import('./main-tui.ts')).openTui({ load, wish, depsFor }),
  recordPorts: async (loaded) => (await import('./main-record.ts')).recordPorts(loaded),
})

// `vc … | head` closes our stdout early: that is an end, not an error. A full disk behind it is one.
const endOfOutput = (error: NodeJS.ErrnoException): void => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.answered)
  process.stderr.write(cutAnswer(error.message))
  process.exit(EXIT.fault)
}

/** Runs one command line and returns its exit code; bin/vc.js calls it. */
export async function main(argv: readonly string[]): Promise<number> {
  makePrivateFiles()
  process.stdout.on('error', endOfOutput)
  // Nobody reads what stands beside an answer: that changes neither the answer nor its exit code.
  process.stderr.on('error', () => undefined)
  return runCli(depsFor(argv))
}
