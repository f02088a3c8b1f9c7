import { certificateOf } from './certificate.ts'
import { readIdentity } from './identity.ts'
import type { KnownHosts } from './known-hosts.ts'
import type { ResolvedTarget } from './ssh-g.ts'

/**
 * What a target needs that ssh2 has no code for, in words for people; null when ssh2 will do.
 * A FIDO key or GSSAPI only counts when there is no plain key or agent: Debian's defaults name both for every host.
 */
export const needsOpenSsh = async (resolved: ResolvedTarget, known?: KnownHosts): Promise<string | null> => {
  if (resolved.proxyCommand !== null) return 'its ssh_config has a ProxyCommand'
  if (resolved.pkcs11Provider !== null) return 'its key is on a PKCS#11 token'
  const certificate = await certificateOf(resolved)
  if (certificate !== null) return `it logs in with a certificate (${certificate})`
  const { hostname, port, hostKeyAlias } = resolved
  if (known?.hasCertAuthority(hostname, port, hostKeyAlias)) return 'its host key is signed by a certificate authority'
  const identities = await Promise.all(resolved.identityFiles.map(readIdentity))
  if (identities.some((found) => found.is === 'key') || resolved.agentSocket !== null) return null
  const hardware = identities.find((found) => found.is === 'hardware')
  if (hardware !== undefined) return `its key is a FIDO key (${hardware.path})`
  return resolved.gssapiAuthentication && process.env.KRB5CCNAME !== undefined ? 'it logs in with GSSAPI' : null
}
