import { ageWords } from './age-words.ts'

/** How a clock differs from the one of vc, and which way: `6.2 s behind`, `60 min ahead of`, `365 d behind`. */
export const skewWords = (skewMs: number): string => {
  const seconds = Math.abs(skewMs) / 1000
  // Above two minutes the tenths are noise that hides the size.
  const size = seconds < 120 ? `${seconds.toFixed(1)} s` : ageWords(Math.round(seconds))
  return `${size} ${skewMs > 0 ? 'ahead of' : 'behind'}`
}
