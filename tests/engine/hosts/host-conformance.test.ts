import { describe, test } from 'vitest'
import { openFakeHost } from '../../../src/engine/hosts/fake-host.ts'
import { openPtyHost } from '../../../src/engine/hosts/pty-host.ts'
import { openTmuxHost } from '../../../src/engine/hosts/tmux-host.ts'
import { openLocalExecutor } from '../../../src/transport/local.ts'
import { type Fleet, missingPrograms, startFleet } from '../../transport/executors/fleet.ts'
import { openOn, type SshTransport } from '../../transport/executors/ways.ts'
import { FAKE_PROGRAMS, FAKES } from './fake-programs.ts'
import { type Contestant, hostContract, SHELL_PROGRAMS } from './host-contract.ts'
import { scratchTmux } from './scratch-tmux.ts'

const OWN_TERMINALS = {
  'a person gets words to attach with, to look only too': 'the terminal is inside this process: no_attach',
}

type Closer = () => Promise<void> | void

const contest = (name: string, make: (later: (close: Closer) => void) => Promise<Contestant>, not = {}): void => {
  const closers: Closer[] = []
  const open = (): Promise<Contestant> => make((close) => closers.unshift(close))
  const close = async (): Promise<void> => {
    for (const each of closers) await each()
  }
  hostContract(name, open, close, not)
}

contest(
  'fake',
  async () => {
    const hasFolder = (path: string): boolean => path === '/work'
    return { host: openFakeHost({ machineId: 'm', programs: FAKES, hasFolder }), programs: FAKE_PROGRAMS, cwd: '/work' }
  },
  OWN_TERMINALS,
)

contest(
  'pty',
  async (later) => {
    const executor = openLocalExecutor()
    const host = openPtyHost({ machineId: 'here', executor })
    later(() => executor.close())
    later(() => host.close())
    return { host, programs: SHELL_PROGRAMS, cwd: '/tmp' }
  },
  OWN_TERMINALS,
)

const noTmux = missingPrograms(['tmux'])
const noFleet = missingPrograms(['tmux', 'sshd', 'ssh', 'ssh-keygen'])

if (noTmux === null)
  contest('tmux', async (later) => {
    const [executor, scratch] = [openLocalExecutor(), scratchTmux()]
    const host = openTmuxHost({ machineId: 'here', executor, socket: scratch.socket })
    later(scratch.down)
    later(() => executor.close())
    later(() => host.close())
    return { host, programs: SHELL_PROGRAMS, cwd: '/tmp' }
  })
else describe.skip(noTmux, () => test('tmux', () => {}))

const remote = (transport: SshTransport): void =>
  contest(`tmux over ${transport}`, async (later) => {
    const fleet: Fleet = await startFleet(1, [])
    later(fleet.down)
    const scratch = scratchTmux()
    later(scratch.down)
    const executor = await openOn(fleet, transport, 'm0000')
    later(() => executor.close())
    const terminalWay = ['ssh', '-t', '-F', fleet.configFile, '--', 'm0000']
    const host = openTmuxHost({ machineId: 'm0000', executor, socket: scratch.socket, terminalWay })
    later(() => host.close())
    return { host, programs: SHELL_PROGRAMS, cwd: '/tmp' }
  })

if (noFleet === null) for (const transport of ['ssh2', 'openssh'] as const) remote(transport)
else describe.skip(noFleet, () => test('tmux over ssh', () => {}))
