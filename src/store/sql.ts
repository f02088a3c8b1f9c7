/** A VARCHAR literal. NUL cannot stand in SQL text, so it is refused rather than cut off there. */
export const text = (value: string): string => {
  if (value.includes('\u0000')) throw new RangeError('a NUL character cannot stand in an SQL literal')
  return `'${value.replaceAll("'", "''")}'`
}

/** A UTC TIMESTAMP literal: constant bounds let zone maps skip everything else. */
export const time = (at: Date | number): string => {
  const iso = new Date(at).toISOString()
  return `TIMESTAMP '${iso.replace('T', ' ').replace('Z', '')}'`
}

/** `"a", "b"`, optionally `x."a", x."b"`. */
export const names = (columns: readonly string[], alias?: string): string =>
  columns.map((column) => (alias ? `${alias}."${column}"` : `"${column}"`)).join(', ')

/** Rows whose key is the same, NULL equal to NULL. */
export const sameKey = (key: readonly string[], left: string, right: string): string =>
  key.map((column) => `${left}."${column}" IS NOT DISTINCT FROM ${right}."${column}"`).join(' AND ')

/** Any of these columns differs; `false` when there are none. */
export const differs = (columns: readonly string[], left: string, right: string): string =>
  columns.length === 0
    ? 'false'
    : `(${columns.map((column) => `${left}."${column}" IS DISTINCT FROM ${right}."${column}"`).join(' OR ')})`
