// C0, C1, DEL, line separators and bidi controls: nothing a machine says may steer a terminal.
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** Foreign text made safe to show or keep as display text: no control characters, at most `max` characters. */
export const displayText = (text: string, max = 256): string => {
  const clean = text.replace(UNPRINTABLE, '')
  return clean.length > max ? clean.slice(0, max) : clean
}

const decoder = new TextDecoder('utf-8', { fatal: false })

/** Bytes to text with replacement characters; never throws. */
export const decodeUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes)
