import { setTimeout as pause } from 'node:timers/promises'

/** Waits until `look` gives something; throws with `what` and the last words of `words` when it never does. */
export async function until<T>(
  what: string,
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  options: { readonly timeoutMs?: number; readonly words?: () => string | Promise<string> } = {},
): Promise<T> {
  const end = Date.now() + (options.timeoutMs ?? 60_000)
  for (;;) {
    const found = await look()
    if (found !== null && found !== undefined && found !== false) return found
    if (Date.now() > end) throw new Error(`never seen: ${what}\n${(await options.words?.()) ?? ''}`)
    await pause(150)
  }
}
