import { isLocal, type LoadedConfig, type MachineConfig } from '../config/index.ts'
import { EXIT, messageOf, usageError, VcError } from '../core/errors.ts'
import type { Warning } from '../core/rows.ts'
import { pasteable } from '../core/shell-word.ts'
import { displayText } from '../core/text.ts'

/** The key a machine offers, compared with every known_hosts file that counts for it. */
export interface OfferedKey {
  readonly host: string
  readonly port: number
  readonly keyType: string
  /** `SHA256:` and 43 letters. */
  readonly fingerprint: string
  readonly known: 'unknown' | 'ok' | 'changed' | 'revoked'
  /** The known_hosts files that hold a key for this machine. */
  readonly onFileIn: readonly string[]
}

export interface TrustPorts {
  /** Asks for the host key without logging in. Throws VcError when the machine cannot be reached. */
  scanHostKey(machine: MachineConfig): Promise<OfferedKey>
  /** Adds the key to vc's own known_hosts; never replaces one. */
  writeTrust(file: string, offered: OfferedKey): Promise<void>
  /** Makes a daemon that met another key before, and waits since, look at this machine again. */
  lookAgain(file: string): Promise<void>
  /** Leaves a row in security_events; throws VcError when it cannot. */
  audit(event: { readonly machineId: string; readonly kind: 'trust'; readonly detail: string }): Promise<void>
}

/** How a person says yes: the fingerprint on the command line, or an answer to a question (null: nobody to ask). */
export interface Consent {
  readonly fingerprint: string | undefined
  readonly ask: ((offered: OfferedKey) => Promise<boolean>) | null
}

export interface TrustReport {
  readonly id: string
  readonly outcome: 'trusted' | 'already_trusted'
  readonly fingerprint: string
  readonly keyType: string
  readonly file: string
  readonly warnings: readonly Warning[]
}

const refused = (code: string, message: string, fix: string): VcError =>
  new VcError(code, message, fix, { exitCode: EXIT.refused })

const bare = (fingerprint: string): string =>
  fingerprint
    .trim()
    .replace(/^SHA256:/i, '')
    .replace(/=+$/, '')

/** Same key? SHA256 only: older MD5 forms prove nothing any more. */
export const sameFingerprint = (one: string, other: string): boolean => bare(one) !== '' && bare(one) === bare(other)

function refuseBadKey(machine: MachineConfig, offered: OfferedKey): void {
  const where = `${displayText(offered.host)} port ${offered.port}`
  if (offered.known === 'revoked') {
    throw refused(
      'host_key_revoked',
      `${machine.id} (${where}) offers a revoked key`,
      'do not connect; find out who answers there',
    )
  }
  if (offered.known === 'changed') {
    const name = offered.port === 22 ? offered.host : `[${offered.host}]:${offered.port}`
    const removals = offered.onFileIn.map((file) => pasteable(['ssh-keygen', '-R', name, '-f', file]))
    throw refused(
      'host_key_changed',
      `${machine.id} (${where}) offers another key than the one on file (${offered.fingerprint}); vc never replaces a key`,
      `if it was really reinstalled, remove the old key yourself (${removals.join('; ')}), then trust again`,
    )
  }
}

function refuseOtherKey(machine: MachineConfig, { fingerprint, known }: OfferedKey, consent: Consent): void {
  if (consent.fingerprint === undefined || sameFingerprint(consent.fingerprint, fingerprint)) return
  throw refused(
    'fingerprint_mismatch',
    `${machine.id} offers ${fingerprint}${known === 'ok' ? ', which is trusted already' : ''}, not ${displayText(consent.fingerprint, 100)}`,
    known === 'ok'
      ? 'one of the two is wrong: compare them with the machine itself'
      : 'do not trust it before you know why',
  )
}

async function consented(machine: MachineConfig, offered: OfferedKey, consent: Consent): Promise<void> {
  if (consent.fingerprint !== undefined) return
  if (consent.ask === null) {
    throw refused(
      'not_confirmed',
      `${machine.id} offers the ${offered.keyType} key ${offered.fingerprint}; nobody is here to confirm it`,
      `compare it on the machine's own console (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub), then: vc machines trust ${machine.id} --fingerprint SHA256:…`,
    )
  }
  if (!(await consent.ask(offered)))
    throw refused('not_confirmed', `the key of ${machine.id} was not accepted`, 'nothing was written')
}

async function audited(ports: TrustPorts, machine: MachineConfig, offered: OfferedKey): Promise<readonly Warning[]> {
  try {
    await ports.audit({ machineId: machine.id, kind: 'trust', detail: `${offered.keyType} ${offered.fingerprint}` })
    return []
  } catch (error) {
    const fix = error instanceof VcError ? error.fix : 'look with: vc doctor'
    return [
      { code: 'not_audited', message: `the trust is written, but the audit row is not: ${messageOf(error)}`, fix },
    ]
  }
}

/** Shows a machine's host key, has it confirmed, writes it to `<data_dir>/known_hosts` and leaves an audit row. */
export async function trustMachine(
  loaded: LoadedConfig,
  machine: MachineConfig,
  consent: Consent,
  ports: TrustPorts,
): Promise<TrustReport> {
  if (isLocal(machine))
    throw usageError('no_host_key', `${machine.id} is this machine; it has no host key`, 'nothing to do')
  const offered = await ports.scanHostKey(machine)
  refuseBadKey(machine, offered)
  const report = {
    id: machine.id,
    fingerprint: offered.fingerprint,
    keyType: offered.keyType,
    file: loaded.paths.knownHostsFile,
  }
  // Who names a key wants that one, and not whichever is on file.
  refuseOtherKey(machine, offered, consent)
  if (offered.known === 'ok') {
    await ports.lookAgain(loaded.paths.knownHostsFile)
    return { ...report, outcome: 'already_trusted', warnings: [] }
  }
  await consented(machine, offered, consent)
  await ports.writeTrust(loaded.paths.knownHostsFile, offered)
  return { ...report, outcome: 'trusted', warnings: await audited(ports, machine, offered) }
}
