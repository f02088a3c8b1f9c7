const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** `512 MB`, `1.4 GB`: bytes in powers of 1024, as everywhere in vc. */
export const bytesText = (bytes: number): string => {
  let [value, unit] = [bytes, 0]
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`
}
