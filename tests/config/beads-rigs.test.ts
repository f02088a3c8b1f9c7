import { expect, test } from 'vitest'
import { beadsDolt } from '../../src/collectors/beads-dolt/index.ts'
import { rigsOf } from '../../src/collectors/beads-dolt/rigs.ts'
import { collectorSettings } from '../../src/config/effective.ts'
import { parseConfig } from '../../src/config/parse.ts'

const RIG = '[[collectors.beads_dolt.rigs]]\nname = "town"\ndatabase = "shop"\n'
const MACHINES = '[[machines]]\nid = "here"\nssh = "local"\n[[machines]]\nid = "atlas"\nssh = "atlas"\n'
const errorsOf = (text: string): readonly string[] =>
  parseConfig(text, 'vc.toml').problems.flatMap(({ severity, message }) => (severity === 'error' ? [message] : []))

test('a rig needs a name and a database; it belongs to this machine unless it names another', () => {
  const { config } = parseConfig(`${MACHINES}${RIG}branch = "rig-a"\n${RIG}machine = "atlas"\nport = 3308\n`, 'vc.toml')
  if (config === null) throw new Error('refused')
  const rigs = config.machines.map((machine) =>
    rigsOf(collectorSettings(config, machine, beadsDolt).options, { id: machine.id, local: machine.ssh === 'local' }),
  )
  expect(rigs[0]).toMatchObject([{ host: '127.0.0.1', port: 3307, user: 'root', branch: 'rig-a', tls: 'off' }])
  expect(rigs[1]).toMatchObject([{ machine: 'atlas', port: 3308, branch: null, asOf: null }])
})

test('a password in the file, a ref that is none and a name left out are refused', () => {
  expect(errorsOf(`${RIG}password = "geheim"\n`)).toHaveLength(1)
  expect(errorsOf(`${RIG}as_of = "HEAD'; DROP"\n`)).toHaveLength(1)
  expect(errorsOf('[[collectors.beads_dolt.rigs]]\nname = "town"\n')).toHaveLength(1)
})
