import { chmod, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'

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

/**
 * Serves the app on a Unix socket, mode 0600. Call it only while holding vc's lock: whatever lies at `path` is then the
 * leavings of a dead daemon and is removed.
 */
export const serveSocket = async (app: Hono, path: string): Promise<SocketServer> => {
  await rm(path, { force: true })
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  server.keepAliveTimeout = 5_000
  const umask = process.umask(0o177)
  try {
    await listen(server, path)
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
