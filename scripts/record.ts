// `vc record`, into the fixtures of this checkout: npm run record -- <collector> [-m machine] [--config f] [--cwd dir] [--name n]
import { join } from 'node:path'
import { main } from '../src/main.ts'

const argv = process.argv.slice(2)
const into = argv.some((word) => word === '--into' || word.startsWith('--into='))
  ? []
  : ['--into', join(import.meta.dirname, '../tests/fixtures')]
process.exitCode = await main(['record', ...argv, ...into])
