import { closeSync, openSync, statSync, writeSync } from 'node:fs'

/** Overwrites a few bytes in the middle of a file, as a bad sector would. */
export const damage = (path: string, at: number, bytes = 16): void => {
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(bytes, 0xa5), 0, bytes, at)
  closeSync(file)
}

/** Where the data of the one big table of the tests lies: behind the headers and the blocks that describe all other tables. */
export const inTheData = (path: string): number => Math.floor(statSync(path).size * 0.45)
