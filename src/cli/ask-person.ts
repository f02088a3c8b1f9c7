import type { OfferedKey } from '../commands/machines-trust.ts'
import { displayText } from '../core/text.ts'

/** Shows a fingerprint and has it typed or confirmed. False on anything but a clear yes, Ctrl-C too. */
export async function askForTrust(machineId: string, offered: OfferedKey): Promise<boolean> {
  const [{ isCancel, note, text }, { sameFingerprint }] = await Promise.all([
    import('@clack/prompts'),
    import('../commands/machines-trust.ts'),
  ])
  const where = `${displayText(offered.host)} port ${offered.port}`
  note(
    `${offered.keyType}\n${offered.fingerprint}\n\ncompare with, on its own console:\nssh-keygen -lf /etc/ssh/ssh_host_*_key.pub`,
    `${machineId} (${where}) offers this host key`,
  )
  const answer = await text({
    message: "Type the fingerprint you expect, or 'yes' when you have compared it",
    validate: (value) =>
      value === 'yes' || value === 'no' || sameFingerprint(value ?? '', offered.fingerprint)
        ? undefined
        : "that is another fingerprint; type it again, 'yes' or 'no'",
  })
  return !isCancel(answer) && answer !== 'no'
}
