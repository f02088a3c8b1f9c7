// The fast path of `vc robot …` against a running daemon: look at argv, connect, pipe the answer through. Bundled alone as
// dist/robot.cjs; it loads nothing but node:http and node:fs, because loading costs more than answering.
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { parseRobotArgv } from '../core/robot-argv.ts'

/** The request for argv, or null when the full program must look at it (help, another configuration, anything unusual). */
export const requestPath = (argv: readonly string[]): string | null => {
  if (argv.some((word) => word === '--config' || word.startsWith('--config='))) return null
  const wanted = parseRobotArgv(argv)
  if (wanted === null || !/^[a-z][a-z-]*$/.test(wanted.topic)) return null
  return `/v1/robot/${wanted.topic}?${new URLSearchParams({ ...wanted.params, format: wanted.format })}`
}

const xdg = (name: string, fallback: string): string => {
  const value = process.env[name]
  return value && isAbsolute(value) ? value : join(process.env.HOME || homedir(), fallback)
}

/** The usual socket, or null when a configuration may have moved it and must be read in full. */
export const usualSocket = (): string | null => {
  if (process.env.VC_CONFIG) return null
  try {
    const text = readFileSync(join(xdg('XDG_CONFIG_HOME', '.config'), 'vc', 'vc.toml'), 'utf8')
    if (/^\s*data_dir\s*=/m.test(text)) return null
  } catch {
    // no configuration file: the usual place
  }
  const path = join(xdg('XDG_STATE_HOME', join('.local', 'state')), 'vc', 'run', 'vc.sock')
  return Buffer.byteLength(path) > 100 ? null : path
}

const pipe = (socketPath: string, path: string): Promise<number | null> =>
  new Promise((resolve) => {
    const call = request({ socketPath, path, headers: { host: 'vc' } }, (response) => {
      clearTimeout(timer)
      // An error answer is rare: the full program says it properly.
      if (response.statusCode !== 200) {
        response.resume()
        resolve(null)
        return
      }
      response.pipe(process.stdout)
      response.on('end', () => resolve(Number(response.headers['x-vc-exit'] ?? 0)))
      response.on('error', () => resolve(1))
    })
    const timer = setTimeout(() => call.destroy(), 300)
    call.on('error', () => {
      clearTimeout(timer)
      resolve(null)
    })
    call.end()
  })

/** Exit code when the daemon answered; null when the full program has to take over. Nothing was printed then. */
export const run = async (argv: readonly string[]): Promise<number | null> => {
  const path = requestPath(argv)
  const socket = path === null ? null : usualSocket()
  return path !== null && socket !== null ? pipe(socket, path) : null
}
