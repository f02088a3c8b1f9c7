// The one place that knows everybody: it builds the parts, hands them to the command line and returns its exit code.
import { readFileSync } from 'node:fs'
import { commands } from './cli/commands/index.ts'
import type { CliDeps } from './cli/deps.ts'
import { runCli } from './cli/run.ts'
import type { LoadedConfig } from './config/index.ts'
import type { Reader } from './core/carrier.ts'
import { EXIT, VcError } from './core/errors.ts'

const version = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown'
}

async function openReader(loaded: LoadedConfig): Promise<Reader> {
  const { NoDaemon, pingDaemon, requestText } = await import('./transport/socket-client.ts')
  const socket = loaded.paths.socketFile
  try {
    await pingDaemon(socket)
  } catch (error) {
    if (!(error instanceof NoDaemon)) throw error
    throw new VcError('no_daemon', error.message, 'start one: vc daemon --detach')
  }
  return {
    carrier: 'socket',
    async ask(request) {
      const { text } = await requestText(socket, { method: 'POST', path: '/v1/ask', body: request })
      return JSON.parse(text)
    },
    async close() {},
  }
}

const depsFor = (argv: readonly string[]): CliDeps => ({
  argv,
  entries: commands,
  io: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: process.env },
  version: version(),
  outcome: { exitCode: EXIT.answered },
  loadConfig: async (flag) => (await import('./config/index.ts')).loadConfig(flag),
  openReader,
  robotAnswer: async (...question) => (await import('./robot/answer.ts')).robotAnswer(...question),
  async robotDocs(page, topic) {
    const [{ robotDocs }, { queries }] = await Promise.all([import('./robot/docs.ts'), import('./queries/index.ts')])
    return robotDocs(queries, page, topic)
  },
  probePorts: async (loaded) => (await import('./commands/machines-ports.ts')).probePorts(loaded),
  trustPorts: async (loaded) => (await import('./commands/machines-ports.ts')).trustPorts(loaded),
})

// `vc … | head` closes our stdout early: that is an end, not an error.
const endQuietly = (error: NodeJS.ErrnoException): void => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.answered)
  throw error
}

/** Runs one command line and returns its exit code; bin/vc.js calls it. */
export async function main(argv: readonly string[]): Promise<number> {
  process.stdout.on('error', endQuietly)
  return runCli(depsFor(argv))
}
