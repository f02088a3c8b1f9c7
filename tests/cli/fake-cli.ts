import { PassThrough } from 'node:stream'
import { commands } from '../../src/cli/commands/index.ts'
import type { CliDeps } from '../../src/cli/deps.ts'
import { runCli } from '../../src/cli/run.ts'
import type { TypedAs } from '../../src/cli/typed-as.ts'
import { loadConfig, type Surroundings } from '../../src/config/index.ts'
import { EXIT, type ExitCode, VcError } from '../../src/core/errors.ts'

export interface Said {
  readonly exit: ExitCode
  readonly out: string
  readonly err: string
}

const collect = (): { readonly stream: PassThrough; readonly text: () => string } => {
  const chunks: Buffer[] = []
  const stream = new PassThrough()
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') }
}

const absent = (what: string) => async (): Promise<never> => {
  throw new VcError('no_port', `this test has no ${what}`, 'pass one')
}

/** Runs the command line in this process, with strings for a terminal. */
export async function vc(
  argv: readonly string[],
  parts: Partial<CliDeps> & { readonly at?: Surroundings; readonly typedAs?: TypedAs } = {},
): Promise<Said> {
  const [out, err] = [collect(), collect()]
  const { at, typedAs = 'vc', ...given } = parts
  // Ports a test does not pass are absent on purpose: touching one is an error it will see.
  const deps = {
    argv,
    entries: commands,
    version: '9.9.9',
    io: { stdin: new PassThrough(), stdout: out.stream, stderr: err.stream, env: {}, typedAs },
    outcome: { exitCode: EXIT.answered },
    ownBuild: async () => null,
    loadConfig: async (flag) => loadConfig(flag, at),
    openReader: absent('reader'),
    robotAnswer: absent('robot'),
    robotDocs: absent('robot'),
    probePorts: absent('probe'),
    trustPorts: absent('trust'),
    ...given,
  } as CliDeps
  const exit = await runCli(deps)
  await new Promise((done) => setImmediate(done))
  return { exit, out: out.text(), err: err.text() }
}
