import { randomBytes } from 'node:crypto'
import { lstat, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VcError } from '../../core/errors.ts'

// sun_path holds 104 bytes on some systems, and ssh first binds to the path plus 17 random characters.
const MAX_SOCKET_PATH = 104 - 18

/** A private folder for control sockets: `wanted`, or a short one under the temp dir when sockets there would have too long a path. */
export const openControlDir = async (wanted: string): Promise<string> => {
  // Not by the account, which a user in a container may lack.
  const uid = process.getuid?.()
  const short = Buffer.byteLength(join(wanted, '0123456789abcdef')) <= MAX_SOCKET_PATH
  const dir = short ? wanted : join(tmpdir(), `vc-cm-${uid}`)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const about = await lstat(dir)
  if (!about.isDirectory() || about.uid !== uid || (about.mode & 0o077) !== 0)
    throw new VcError('unsafe_dir', `${dir} is not a folder that is yours alone`, `chmod 700 ${dir}, or remove it`)
  return dir
}

/** A socket name of its own per connection, so that a master left by a crash is never mistaken for ours. */
export const newControlPath = (dir: string): string => join(dir, randomBytes(8).toString('hex'))
