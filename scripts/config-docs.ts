// Writes the pages made from the configuration schema: vc.toml (commented example) and docs/config.md.
import { writeFileSync } from 'node:fs'
import { configExample } from '../src/config/example.ts'
import { configReference } from '../src/config/reference.ts'

const root = new URL('../', import.meta.url)
writeFileSync(new URL('vc.toml', root), configExample())
writeFileSync(new URL('docs/config.md', root), configReference())
