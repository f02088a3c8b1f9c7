import { execFileSync } from 'node:child_process'
import { closeSync, openSync, statSync, writeSync } from 'node:fs'

/** Overwrites a few bytes in the middle of a file, as a bad sector would. */
export const damage = (path: string, at: number, bytes = 16): void => {
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(bytes, 0xa5), 0, bytes, at)
  closeSync(file)
}

/** Where the data of the one big table of the tests lies: behind the headers and the blocks that describe all other tables. */
export const inTheData = (path: string): number => Math.floor(statSync(path).size * 0.45)

/** Three transactions of fifty rows in the log, as a killed process leaves it; `words` is a table of numbers and words. */
export const leaveLog = (dbPath: string, words: string): void => {
  const writer = `const { DuckDBInstance } = await import('@duckdb/node-api')
    const c = await (await DuckDBInstance.create(${JSON.stringify(dbPath)})).connect()
    for (let n = 0; n < 3; n++) await c.run("INSERT INTO ${words} SELECT 900000 + i, 'late' FROM range(50) r(i)")
    process.kill(process.pid, 'SIGKILL')`
  try {
    execFileSync(process.execPath, ['--input-type=module', '-e', writer], { cwd: process.cwd(), stdio: 'ignore' })
  } catch {
    // killed, as it should be
  }
}
