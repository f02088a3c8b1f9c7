// The fast path of `vc robot …` against a running daemon: look at argv, connect, pipe the answer through. Bundled alone as
// dist/robot.cjs; it loads nothing but node:http and node:fs, because loading costs more than answering.
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

interface Wanted {
  readonly path: string
}

const VALUE_FLAG = /^--([a-z][a-z-]*)(?:=(.*))?$/
const BARE = new Set(['json', 'require-fresh', 'no-color', 'all', 'dirty', 'down'])
const LEAVE = new Set(['help', 'config', 'version', 'no-daemon'])

/** What argv asks for, or null when the full program must look at it (help, another configuration, anything unusual). */
export const wantedOf = (argv: readonly string[]): Wanted | null => {
  const params = new URLSearchParams()
  const words: string[] = []
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? ''
    const match = VALUE_FLAG.exec(word)
    if (!match) {
      if (word.startsWith('-')) return null
      words.push(word)
      continue
    }
    const name = match[1] ?? ''
    if (LEAVE.has(name)) return null
    if (name === 'json') params.set('format', 'json')
    else if (BARE.has(name)) params.set(name, match[2] ?? 'true')
    else {
      const value = match[2] ?? argv[++i]
      if (value === undefined) return null
      params.set(name, value)
    }
  }
  const [robot, topic, id, ...more] = words
  if (robot !== 'robot' || topic === undefined || !/^[a-z][a-z-]*$/.test(topic) || more.length) return null
  if (id !== undefined) params.set('id', id)
  params.delete('no-color')
  if (!params.has('format')) params.set('format', 'json')
  return { path: `/v1/robot/${topic}?${params}` }
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
  const wanted = wantedOf(argv)
  const socket = wanted && usualSocket()
  return socket ? pipe(socket, wanted.path) : null
}
