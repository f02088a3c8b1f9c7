/** Red, green and blue, 0–255 each. */
export type Rgb = readonly [number, number, number]

// The sixteen names, as xterm paints them; a terminal may paint its own.
const NAMED: readonly Rgb[] = [
  [0, 0, 0], [205, 0, 0], [0, 205, 0], [205, 205, 0], [0, 0, 238], [205, 0, 205], [0, 205, 205], [229, 229, 229],
  [127, 127, 127], [255, 0, 0], [0, 255, 0], [255, 255, 0], [92, 92, 255], [255, 0, 255], [0, 255, 255], [255, 255, 255],
] // biome-ignore format: a table
const STEPS = [0, 95, 135, 175, 215, 255] as const

const step = (value: number): number => STEPS[value] ?? 0

const made = (index: number): Rgb => {
  if (index < 16) return NAMED[index] ?? [0, 0, 0]
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10
    return [grey, grey, grey]
  }
  const cube = index - 16
  return [step(Math.floor(cube / 36)), step(Math.floor(cube / 6) % 6), step(cube % 6)]
}

const TABLE: readonly Rgb[] = Array.from({ length: 256 }, (_, index) => made(index))

/** What a number of the 256-colour table looks like. */
export const rgbOf = (index: number): Rgb => TABLE[index] ?? [0, 0, 0]

const apart = (a: Rgb, b: Rgb): number => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2

const nearest = (rgb: Rgb, from: number, to: number): number => {
  let [best, least] = [from, Number.POSITIVE_INFINITY]
  for (let index = from; index < to; index += 1) {
    const distance = apart(rgb, rgbOf(index))
    if (distance < least) [best, least] = [index, distance]
  }
  return best
}

const known = new Map<number, number>()
const KNOWN_MOST = 4_096

/** The number of the 256-colour table that comes closest; never one of the sixteen, which terminals paint as they like. */
export const nearestOf256 = (rgb: Rgb): number => {
  const key = rgb[0] * 65_536 + rgb[1] * 256 + rgb[2]
  const found = known.get(key)
  if (found !== undefined) return found
  // A program that runs through all colours must not fill the memory.
  if (known.size >= KNOWN_MOST) known.clear()
  const index = nearest(rgb, 16, 256)
  known.set(key, index)
  return index
}

/** The same colour among the sixteen. */
export const nearestOf16 = (index: number): number => (index < 16 ? index : nearest(rgbOf(index), 0, 16))

const linear = (value: number): number => {
  const part = value / 255
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
}
const luminance = ([red, green, blue]: Rgb): number =>
  0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)

/** 1 (the same) to 21 (black on white), as WCAG counts it. */
export const contrast = (one: number, other: number): number => {
  const [a, b] = [luminance(rgbOf(one)), luminance(rgbOf(other))]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}
