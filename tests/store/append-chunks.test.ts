import { DuckDBInstance, INTEGER } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { appendChunks } from '../../src/store/append-chunks.ts'

test('the same rows go to both tables, or to neither', async () => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run('CREATE TABLE one (x INTEGER); CREATE TABLE other (x INTEGER PRIMARY KEY)')
  const appended = (tables: readonly string[], x: number) => appendChunks(connection, tables, [INTEGER], [[x]], null)
  await appended(['one', 'other'], 1)
  await expect(appended(['other', 'one'], 1)).rejects.toThrow('primary key')
  const rows = async (table: string) => (await connection.runAndReadAll(`SELECT x FROM ${table}`)).getRows()
  expect([await rows('one'), await rows('other')]).toEqual([[[1]], [[1]]])
  connection.closeSync()
  instance.closeSync()
})
