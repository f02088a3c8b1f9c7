import { chmod, rm, stat } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'
import { usageError } from '../core/errors.ts'
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

/**
 * Serves the app on a Unix socket, mode 0600. Call it only while holding vc's lock: whatever lies at `path` is then the
 * leavings of a dead daemon and is removed.
 */
export const serveSocket = async (app: Hono, path: string): Promise<SocketServer> => {
  await makePlace(path)
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  server.keepAliveTimeout = 5_000
  const umask = process.umask(0o177)
  try {
    await listen(server, path)
  } catch (error) {
    throw refusalOf(error, path) ?? error
  } finally {
    process.umask(umask)
  }
  await chmod(path, 0o600)
  return {
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
      await rm(path, { force: true })
    },
  }
}
