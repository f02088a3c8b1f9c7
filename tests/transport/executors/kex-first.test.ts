import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { machineWay } from '../../../src/commands/fleet-way.ts'
import { parseConfig } from '../../../src/config/index.ts'
import { openExecutor } from '../../../src/transport/open-executor.ts'
import { type Fleet, missingPrograms, startFleet } from './fleet.ts'
import { fleetWay, request } from './ways.ts'

const lacking = missingPrograms(['sshd', 'ssh', 'ssh-keygen'])
let fleet: Fleet | null = null
beforeAll(async () => {
  if (lacking === null) fleet = await startFleet(1, [])
})
afterAll(() => fleet?.down())

const wayOf = (line: string) => {
  const { config } = parseConfig(`[[machines]]\nid = "m"\nssh = "m0000"\ntransport = "openssh"\n${line}\n`, 'vc.toml')
  const machine = config?.machines[0]
  if (machine === undefined) throw new Error('refused')
  return machineWay(machine)
}

describe.skipIf(lacking !== null)('the key exchange a machine is to begin with', () => {
  test.each([
    ['kex_first = "curve25519-sha256"', 'kex: algorithm: curve25519-sha256'],
    ['kex_first = "ecdh-sha2-nistp256"', 'kex: algorithm: ecdh-sha2-nistp256'],
  ])('%s: ssh says %s', { timeout: 30_000 }, async (line, word) => {
    if (fleet === null) throw new Error('no fleet')
    const said = join(fleet.dir, `said-${word.length}-${line.length}`)
    const sshBinary = join(fleet.dir, 'talking-ssh')
    writeFileSync(sshBinary, `#!/bin/sh\nexec ssh -o LogLevel=DEBUG1 -E '${said}' "$@"\n`)
    chmodSync(sshBinary, 0o755)
    const { executor } = await openExecutor(wayOf(line), fleetWay(fleet, { sshBinary }))
    try {
      expect(await executor.run(request('true'))).toMatchObject({ class: 'ok' })
    } finally {
      await executor.close()
    }
    expect(readFileSync(said, 'utf8')).toContain(word)
  })
})
