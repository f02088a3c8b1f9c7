import { parse as parseToml } from 'smol-toml'

/** A text as TOML writes it. A basic string differs from a JSON one only in DEL, which must be escaped too. */
export const quoted = (text: string): string => JSON.stringify(text).replaceAll('\u007f', '\\u007f')

/** A name as it stands in a key or header: in quotes where it needs them. */
export const keyStep = (name: string): string => (/^[A-Za-z0-9_-]+$/.test(name) ? name : quoted(name))

/** The document, or null where it is none. */
export const readToml = (text: string): unknown => {
  try {
    return parseToml(text)
  } catch {
    return null
  }
}

/** Whether a text is one value on one line. */
export const isLiteral = (text: string): boolean => !text.includes('\n') && readToml(`v = ${text}`) !== null
