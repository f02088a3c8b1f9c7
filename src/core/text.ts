// C0, C1, DEL, line separators, bidi controls and marks: nothing a machine says may steer a terminal. Neither may it hold what
// nobody sees: two names that look the same, or tag letters that only a model reads. Joiners stay: emoji and scripts need them.
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu

// What JSON may hold as it is and a terminal would obey or hide.
const STEERING = /[\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\udb40[\udc00-\udfff]/g

/** Foreign text that stays whole and goes where a terminal may show it later: its line ends and tabs stay. */
export const withoutControls = (text: string): string =>
  text.replace(UNPRINTABLE, (found) => (/[\t\r\n]/.test(found) ? found : ''))

/** Foreign text made safe to show or keep as display text: no control characters, at most `max` characters. */
export const displayText = (text: string, max = 256): string => {
  const clean = text.replace(UNPRINTABLE, '')
  return clean.length > max ? clean.slice(0, max) : clean
}

const decoder = new TextDecoder('utf-8', { fatal: false })

/** Bytes to text with replacement characters; never throws. */
export const decodeUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes)

/** Text without what a terminal would obey or hide; line ends and tabs stay. For formats that escape the rest themselves. */
export const withoutSteering = (text: string): string => text.replace(STEERING, '')

const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A value as JSON text that steers no terminal: the same value for who parses it, an escape where somebody looks. */
export const jsonText = (value: unknown, replace?: (key: string, value: unknown) => unknown, space?: number): string =>
  JSON.stringify(value, replace, space).replace(STEERING, (found) => found.split('').map(escaped).join(''))
