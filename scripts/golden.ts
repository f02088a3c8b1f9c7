// Writes the published shapes: docs/robot/<topic>.v<N>.json. Changed on purpose? New field: fine. New meaning: a new version and a CHANGELOG line.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { queries } from '../src/queries/index.ts'
import { goldenSchemas } from '../src/robot/docs.ts'

const dir = join(import.meta.dirname, '../docs/robot')
mkdirSync(dir, { recursive: true })
for (const [name, text] of Object.entries(goldenSchemas(queries))) writeFileSync(join(dir, name), text)
process.stdout.write(`wrote ${queries.length} schemas to docs/robot/\n`)
