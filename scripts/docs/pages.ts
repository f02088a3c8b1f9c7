import { configExample } from '../../src/config/example.ts'
import { configReference } from '../../src/config/reference.ts'
import { queries } from '../../src/queries/index.ts'
import { goldenSchemas } from '../../src/robot/docs.ts'
import { demoFleetFiles } from '../make-fleet.ts'
import { askPage } from './ask-page.ts'
import { collectorAsks } from './collector-asks.ts'
import { collectorsPage } from './collectors-page.ts'
import { keysPage } from './keys-page.ts'
import { watchPage } from './watch-page.ts'

/** Every page that is made from the sources: path below the checkout to text. */
export async function generatedPages(): Promise<ReadonlyMap<string, string>> {
  const schemas = Object.entries(goldenSchemas(queries))
  return new Map([
    ['vc.toml', configExample()],
    ['docs/config.md', configReference()],
    ['docs/collectors.md', collectorsPage(await collectorAsks())],
    ['docs/watch.md', watchPage()],
    ['docs/ask.md', askPage()],
    ['docs/keys.md', await keysPage()],
    ...schemas.map(([name, text]) => [`docs/robot/${name}`, text] as const),
    ...[...demoFleetFiles()].map(([path, text]) => [`tests/fixtures/fleet/${path}`, text] as const),
  ])
}
