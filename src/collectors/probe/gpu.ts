import { numberOf } from './decode.ts'
import { highest } from './linux.ts'
import { leadingNonce, parseProbe } from './parse.ts'

/** Highest utilisation over all GPUs of the gpu lane; null when nvidia-smi did not say. Never throws. */
export const parseGpu = (stdout: Uint8Array): number | null => {
  const parsed = parseProbe(stdout, leadingNonce(stdout) ?? '')
  if (parsed.is !== 'probe') return null
  const rows = (parsed.sections.get('gpu') ?? []).filter((line) => !line.startsWith('rc\t')).slice(0, 64)
  return highest(rows.map((line) => percent(line)))
}

// index, name, util %, mem used, mem total, temp, power: counted from the right, a name may hold a comma
const percent = (line: string): number | null => {
  const value = numberOf(line.split(',').at(-5)?.trim())
  return value !== null && value >= 0 && value <= 100 ? value : null
}
