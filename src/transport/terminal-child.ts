import { spawn } from 'node:child_process'
import { VcError } from '../core/errors.ts'
import { countProcess } from './local-process.ts'
import { asUsual } from './own-umask.ts'

/**
 * Lends this process's terminal to a program until it ends; resolves with its exit status (128 + n when a signal ended it).
 * Keys such as Ctrl-C go to the program alone. Throws VcError `tool_missing`.
 */
export const lendTerminal = async (
  argv: readonly [string, ...string[]],
  unsetEnv: readonly string[],
): Promise<number> => {
  const [file, ...args] = argv
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !unsetEnv.includes(name)))
  const ignore = (): void => {}
  process.on('SIGINT', ignore)
  try {
    return await new Promise((settle, fail) => {
      countProcess()
      const child = asUsual(() => spawn(file, args, { stdio: 'inherit', env }))
      child.once('error', (error) =>
        fail(new VcError('tool_missing', `${file} did not start: ${error.message}`, `install ${file} on this machine`)),
      )
      child.once('exit', (code, signal) => settle(signal === null ? (code ?? 0) : 129))
    })
  } finally {
    process.off('SIGINT', ignore)
  }
}
