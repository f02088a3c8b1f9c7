import type { OfferedKey } from '../commands/machines-trust.ts'
import { displayText } from '../core/text.ts'
import type { CliIo } from './io.ts'

/**
 * Shows a fingerprint and has it typed or confirmed. False on anything but a clear yes, Ctrl-C too. The fingerprint stands
 * on a line of its own, unframed and uncut, because it is there to be compared.
 */
export async function askForTrust(io: CliIo, machineId: string, offered: OfferedKey): Promise<boolean> {
  const [{ isCancel, text }, { sameFingerprint }] = await Promise.all([
    import('@clack/prompts'),
    import('../commands/machines-trust.ts'),
  ])
  io.stdout.write(
    `${machineId} (${displayText(offered.host)} port ${offered.port}) offers this host key:\n` +
      `  ${offered.keyType} ${offered.fingerprint}\n` +
      "compare it on the machine's own console: ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub\n",
  )
  const message = "Type the fingerprint you expect, or 'yes' when you have compared it"
  if (io.ask !== undefined) {
    const typed = await io.ask({ message, kind: 'text' })
    return typed !== null && (typed === 'yes' || sameFingerprint(typed, offered.fingerprint))
  }
  const answer = await text({
    message,
    validate: (value) =>
      value === 'yes' || value === 'no' || sameFingerprint(value ?? '', offered.fingerprint)
        ? undefined
        : "that is another fingerprint; type it again, 'yes' or 'no'",
  })
  return !isCancel(answer) && answer !== 'no'
}

/** A question that only a clear yes answers with yes; Ctrl-C and Enter are no. Drawn on stderr, so that stdout stays an answer. */
export async function askYes(io: CliIo, question: string): Promise<boolean> {
  if (io.ask !== undefined) return (await io.ask({ message: question, kind: 'yes' })) === 'yes'
  const { confirm, isCancel } = await import('@clack/prompts')
  const answer = await confirm({ message: question, initialValue: false, input: io.stdin, output: io.stderr })
  return answer === true && !isCancel(answer)
}
