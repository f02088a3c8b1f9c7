import { execFileSync } from 'node:child_process'
import { PassThrough } from 'node:stream'
import type { Command } from 'commander'
import { commands } from '../../src/cli/commands/index.ts'
import type { CliDeps } from '../../src/cli/deps.ts'
import { buildProgram } from '../../src/cli/program.ts'
import { parseRobotArgv } from '../../src/core/robot-argv.ts'
import { queries } from '../../src/queries/index.ts'

/** The words a POSIX shell makes of a line. */
const shellWords = (line: string): string[] =>
  execFileSync('sh', ['-c', `set -- ${line}\nprintf '%s\\0' "$@"`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)

const disarm = (command: Command): void => {
  command.action(() => undefined)
  for (const one of command.commands) disarm(one)
}

/** Null when vc would take this line as it stands; else what is wrong with it. */
export const refusalOf = async (line: string): Promise<string | null> => {
  const [vc, ...argv] = shellWords(line)
  if (vc !== 'vc') return `it begins with ${vc}`
  const program = await buildProgram(
    commands,
    { io: { stdout: new PassThrough(), stderr: new PassThrough(), env: {} }, version: '1', argv } as unknown as CliDeps,
    'all',
  )
  disarm(program)
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    return String(error)
  }
  if (argv[0] !== 'robot') return null
  const robot = parseRobotArgv(argv)
  const query = queries.find(({ name }) => name === robot?.topic)
  if (robot === null || query === undefined) return `there is no topic ${robot?.topic}`
  const params = query.params.safeParse(robot.params)
  return params.success ? null : params.error.message
}
