import { bytesText } from '../core/bytes.ts'
import { shellWord } from '../core/shell-word.ts'

/** One line of `vc doctor` about the machine vc itself runs on. */
export interface HereFinding {
  readonly level: 'bad' | 'warn' | 'ok'
  readonly machine: null
  readonly topic: 'config' | 'folder' | 'disk' | 'limit' | 'path' | 'backup'
  readonly says: string
  readonly fix: string | null
}

export interface FolderFact {
  readonly path: string
  readonly what: string
  /** Null: not there. */
  readonly mode: number | null
  readonly mine: boolean
  readonly writable: boolean
}

/** What was found here; null is not known, never zero. */
export interface HereFacts {
  readonly config: { readonly path: string; readonly mode: number | null } | null
  readonly folders: readonly FolderFact[]
  readonly dataDir: string
  readonly freeBytes: number | null
  readonly minFreeBytes: number
  readonly openFiles: number | null
  readonly sshMachines: number
  readonly maxConnections: number
  /** Names of programs that were not found, of those vc uses here. */
  readonly missing: readonly string[]
  readonly path: string
  readonly backup: { readonly path: string; readonly ageS: number } | null
  /** Age of the store; null when there is none yet. */
  readonly storeAgeS: number | null
}

const DAY_S = 86_400
/** Sockets, database, logs, children's pipes: what vc needs open beside its connections. */
const OTHER_FILES = 128

const USED_FOR: Readonly<Record<string, string>> = {
  ssh: 'no ssh machine can be resolved or reached',
  sqlite3: 'opencode databases of this machine are read in process, those of others need it there',
  tmux: 'terminals of agents here are not seen',
  git: 'repositories of agents here are not seen',
}

const finding = (
  level: HereFinding['level'],
  topic: HereFinding['topic'],
  says: string,
  fix: string | null = null,
): HereFinding => ({ level, machine: null, topic, says, fix })

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(4, '0')

const config = ({ config: file }: HereFacts): HereFinding[] => {
  if (file === null)
    return [finding('ok', 'config', 'no configuration file: this machine only, all defaults', 'vc config init')]
  // A file that others can write is refused before anybody gets here; one they can read may still hold a secret.
  const open = file.mode !== null && (file.mode & 0o044) !== 0
  const mode = file.mode === null ? '' : ` (mode ${octal(file.mode)})`
  return [finding('ok', 'config', `configuration ${file.path}${mode}${open ? ', readable by others' : ''}`)]
}

const writableAgain = (path: string, mode: number): string =>
  (mode & 0o200) === 0
    ? `chmod u+w ${shellWord(path)}`
    : 'mount it read-write, or name another place: [vc] data_dir, XDG_STATE_HOME'

const folders = (facts: HereFacts): HereFinding[] =>
  facts.folders.flatMap(({ path, what, mode, mine, writable }) => {
    if (mode === null) return []
    if (!mine) return [finding('bad', 'folder', `${what} ${path} belongs to another user`, `chown it, or name another`)]
    if (!writable) return [finding('bad', 'folder', `${what} ${path} cannot be written`, writableAgain(path, mode))]
    return (mode & 0o077) === 0
      ? []
      : [finding('warn', 'folder', `${what} ${path} is open to others (mode ${octal(mode)})`, `chmod 700 ${path}`)]
  })

const disk = ({ freeBytes, minFreeBytes, dataDir }: HereFacts): HereFinding[] => {
  if (freeBytes === null)
    return [finding('warn', 'disk', `free space under ${dataDir} is not known`, `look with: df ${dataDir}`)]
  const says = `${bytesText(freeBytes)} free under ${dataDir}; below ${bytesText(minFreeBytes)} vc stops collecting`
  if (freeBytes < minFreeBytes)
    return [finding('bad', 'disk', says, 'make room there, or set [vc] data_dir to another disk')]
  return [finding(freeBytes < 3 * minFreeBytes ? 'warn' : 'ok', 'disk', says)]
}

const limit = ({ openFiles, sshMachines, maxConnections }: HereFacts): HereFinding[] => {
  const needed = Math.min(maxConnections, sshMachines) + OTHER_FILES
  if (openFiles === null || openFiles >= needed) return []
  const says = `${openFiles} open files are allowed, but ${sshMachines} ssh machines need about ${needed}`
  return [finding('bad', 'limit', says, `ulimit -n ${2 * needed}, or polling.max_connections below ${openFiles / 2}`)]
}

const programs = ({ missing, path }: HereFacts): HereFinding[] =>
  missing.map((name) =>
    finding(
      name === 'ssh' ? 'bad' : 'warn',
      'path',
      `${name} is not on vc's PATH (${path}): ${USED_FOR[name] ?? 'something is not seen'}`,
      `install it, or start vc with a PATH that holds it`,
    ),
  )

const backup = ({ backup: newest, storeAgeS }: HereFacts): HereFinding[] => {
  if (storeAgeS === null) return []
  if (newest === null)
    return storeAgeS < 2 * DAY_S ? [] : [finding('warn', 'backup', 'there is no backup yet', 'vc db backup')]
  const hours = Math.floor(newest.ageS / 3600)
  const says = `newest backup ${newest.path}, ${hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`} old`
  return [newest.ageS < 2 * DAY_S ? finding('ok', 'backup', says) : finding('warn', 'backup', says, 'vc db backup')]
}

/** What is wrong, or worth knowing, where vc itself runs. Pure. */
export const judgeHere = (facts: HereFacts): HereFinding[] =>
  [config, folders, disk, limit, programs, backup].flatMap((judge) => judge(facts))
