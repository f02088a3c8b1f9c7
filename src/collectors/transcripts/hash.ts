// FNV-1a: equal texts have equal numbers, others nearly never.
export const HASH_SEED = -2_128_831_035
export const HASH_STEP = 16_777_619

/** Over the letters; of plain ASCII the same as over its bytes. */
export const hashOf = (text: string): number => {
  let hash = HASH_SEED
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), HASH_STEP)
  return hash
}
