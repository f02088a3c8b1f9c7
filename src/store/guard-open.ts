import { realpath } from 'node:fs/promises'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { EXIT, messageOf, VcError } from '../core/errors.ts'
import { refuseStrangeLog } from './log-damage.ts'

export interface GuardLimits {
  readonly memoryMb: number
  readonly threads: number
}

/** The third layer, as far as it can be given at open: there is no moment in which files and networks are not shut off. */
const guardedSettings = ({ memoryMb, threads }: GuardLimits): Record<string, string> => ({
  access_mode: 'READ_ONLY',
  memory_limit: `${memoryMb}MB`,
  threads: String(threads),
  // Without a name for it the engine would make `<file>.tmp` beside the database, even where nothing may be spilt.
  temp_directory: '',
  max_temp_directory_size: '0B',
  errors_as_json: 'true',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  enable_external_access: 'false',
})

/** The rest of it: the one file the engine would still open by name is the database itself, which it has open by now. */
const SHUT = "SET GLOBAL disabled_filesystems = 'LocalFileSystem'; SET GLOBAL lock_configuration = true"

/** The sentence inside the engine's JSON. */
export const sentenceOf = (error: unknown): string => {
  const text = messageOf(error)
  const at = text.indexOf('{"exception_type"')
  return at === -1 ? text : String((JSON.parse(text.slice(at)) as { exception_message: string }).exception_message)
}

/**
 * A database that can only be read, in a process that has no other. Never call this in the owner of the live file. Throws
 * `store_broken` with the engine's sentence when it does not open.
 */
export const openGuarded = async (
  dbPath: string,
  limits: GuardLimits,
): Promise<{ readonly connection: DuckDBConnection; close(): void }> => {
  const { instance, connection } = await open(dbPath, limits).catch((error: unknown) => {
    throw new VcError('store_broken', sentenceOf(error), '', { exitCode: EXIT.fault })
  })
  return {
    connection,
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

const open = async (given: string, limits: GuardLimits) => {
  // Behind a link the log lies elsewhere, where nothing may be opened.
  const dbPath = await realpath(given).catch(() => given)
  await refuseStrangeLog(dbPath)
  const instance = await DuckDBInstance.create(dbPath, guardedSettings(limits))
  const connection = await instance.connect()
  await connection.run(SHUT)
  return { instance, connection }
}
