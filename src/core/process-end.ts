/**
 * Whether a text of /proc/PID/stat tells of a process that has ended and only waits to be fetched by its parent, which may
 * be never. It still answers signal 0, but holds no file and no lock.
 */
export const hasEnded = (stat: string): boolean => {
  // The command name may hold blanks and brackets; fields are counted after its last ')'.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // While another thread of it still ends, its files are still open.
  return /^[ZXx]$/.test(fields[0] ?? '') && Number(fields[17]) <= 1
}
