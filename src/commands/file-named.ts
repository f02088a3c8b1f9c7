import { realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { usageError } from '../core/errors.ts'

/** Where the file lies that a person named, from here: children that read it stand in another folder. */
export const fileNamed = async (given: string): Promise<string> => {
  const file = resolve(given)
  const found = await stat(file).catch(() => null)
  if (found === null) throw usageError('no_file', `there is no file ${file}`, 'vc db info lists the backups')
  if (!found.isFile()) throw usageError('no_file', `${file} is no file`, 'name a backup; vc db info lists them')
  return file
}

/** Whether two names, by way of links too, lead to one file. */
export const isSameFile = async (one: string, other: string): Promise<boolean> => {
  const [a, b] = await Promise.all([one, other].map((path) => realpath(path).catch(() => resolve(path))))
  return a === b
}
