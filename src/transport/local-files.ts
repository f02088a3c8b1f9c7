import { readdirSync, readFileSync } from 'node:fs'

/** A small kernel file whole, one character per byte; empty when it cannot be read. Never for files of users: it blocks. */
export const readKernel = (path: string): string => {
  try {
    const text = readFileSync(path, 'utf8')
    // ASCII reads the same either way, and this way is twice as fast.
    return /^[\x00-\x7f]*$/.test(text) ? text : readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** First line of a kernel file, tabs as blanks. */
export const firstLine = (path: string): string => (readKernel(path).split('\n')[0] ?? '').replaceAll('\t', ' ')

export const linesOf = (path: string): readonly string[] => {
  const lines = readKernel(path).split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** Names in a kernel folder; none when it is not there. */
export const namesIn = (path: string): readonly string[] => {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** The probe's code for values: printable ASCII but `%` stays, every other byte is `%XX`, empty is `-`. */
export const encoded = (bytes: string): string => {
  if (bytes === '') return '-'
  return bytes.replace(/[^ -~]|%/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}

/** Words of a line, as awk splits it. */
export const fieldsOf = (line: string): readonly string[] => line.trim().split(/\s+/)
