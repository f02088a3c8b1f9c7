import { chmod, lstat, mkdir, rm, stat } from 'node:fs/promises'
import type { Server } from 'node:http'
import { dirname } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'
import { usageError } from '../core/errors.ts'
import { foreignWriter } from '../core/foreign-writer.ts'
import { refusalOf } from '../core/refusal.ts'

export interface SocketServer {
  close(): Promise<void>
}

const listen = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })

const makePlace = async (path: string): Promise<void> => {
  try {
    await rm(path, { force: true })
  } catch (error) {
    // A folder is nobody's leavings, and may hold something.
    if ((await stat(path).catch(() => null))?.isDirectory())
      throw usageError('unusable_directory', `${path} is a folder, no socket`, `move it away: mv ${path} ${path}.old`)
    throw refusalOf(error, path) ?? error
  }
}

/** How often it is looked whether the socket still lies there. */
const LOOK_MS = 5_000

const open = async (app: Hono, path: string): Promise<Server> => {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  server.keepAliveTimeout = 5_000
  const umask = process.umask(0o077)
  try {
    await listen(server, path)
  } catch (error) {
    throw refusalOf(error, path) ?? error
  } finally {
    process.umask(umask)
  }
  await chmod(path, 0o600)
  return server
}

/** Below a shared folder for temporary files somebody else may have been quicker. */
const isOwn = async (dir: string): Promise<boolean> => {
  const found = await lstat(dir)
  const me = process.getuid?.()
  return found.isDirectory() && me !== undefined && foreignWriter(found, me) === null
}

const shut = async (server: Server): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}

/**
 * Serves the app on a Unix socket, mode 0600. Call it only while holding vc's lock: whatever lies at `path` is then the
 * leavings of a dead daemon and is removed. A socket that somebody removes (a sweep of old files) is made anew: nobody could
 * reach the daemon any more, not even to stop it.
 */
export const serveSocket = async (app: Hono, path: string, lookMs = LOOK_MS): Promise<SocketServer> => {
  await makePlace(path)
  let server = await open(app, path)
  let looking: Promise<void> = Promise.resolve()
  const look = async (): Promise<void> => {
    const gone = await stat(path).then(
      () => false,
      (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
    )
    if (!gone) return
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    if (!(await isOwn(dirname(path)))) return
    // First, because letting go of a socket removes whatever lies at its path. Whoever is being answered hears the end.
    server.close()
    server = await open(app, path)
  }
  const timer = setInterval(() => {
    looking = looking.then(look).catch(() => undefined)
  }, lookMs)
  timer.unref()
  return {
    async close() {
      clearInterval(timer)
      await looking
      await shut(server)
      await rm(path, { force: true })
    },
  }
}
