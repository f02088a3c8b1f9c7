import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { parseTarget, type SshTarget } from '../../../src/core/ssh-target.ts'
import { parseSshG, resolvedFrom } from '../../../src/transport/ssh/ssh-g.ts'
import { hasProgram } from '../../programs.ts'

test.runIf(hasProgram('ssh'))('a jump host named by its address is one that can be gone to', () => {
  const jump = 'ann@10.0.0.5,10.0.0.6:2222,ann@[fd00::7]:22,bastion'
  const printed = execFileSync('ssh', ['-F', '/dev/null', '-G', '-J', jump, 'atlas'], { encoding: 'utf8' })
  const { proxyJump } = resolvedFrom(parseTarget('atlas') as SshTarget, parseSshG(printed), null)
  expect(proxyJump.map((hop) => parseTarget(hop))).toMatchObject([
    { alias: '10.0.0.5', user: 'ann' },
    { alias: '10.0.0.6', port: 2222 },
    { alias: 'fd00::7', user: 'ann', port: 22 },
    { alias: 'bastion' },
  ])
})
