/** Who else could have written a file or made what lies in a folder, and what to say of it after its path. */
export interface ForeignWriter {
  readonly by: 'owner' | 'mode'
  readonly says: string
}

const OTHERS_WRITE = 0o022

/**
 * Whether somebody besides `uid` can write what `stat` told of; null when nobody can. `rootToo`: what belongs to root is as
 * good as one's own, as for files of the system.
 */
export const foreignWriter = (
  file: { readonly uid: number; readonly mode: number },
  uid: number,
  { rootToo = false }: { readonly rootToo?: boolean } = {},
): ForeignWriter | null => {
  if (file.uid !== uid && !(rootToo && file.uid === 0))
    return { by: 'owner', says: `belongs to uid ${file.uid}, not to you (uid ${uid})` }
  if ((file.mode & OTHERS_WRITE) === 0) return null
  return { by: 'mode', says: `can be written by others (mode ${(file.mode & 0o7777).toString(8).padStart(4, '0')})` }
}
