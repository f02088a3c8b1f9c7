import type { CollectContext } from '../../core/collector.ts'
import { sha256 } from '../../core/ids.ts'
import { decodeUtf8 } from '../../core/text.ts'
import { objectOf, parseJson } from '../transcripts/json-cut.ts'

const ROOT_BYTES = 8 * 1024
const PROJECTS_BYTES = 4 * 1024 * 1024

/** `<home>/tmp/<project>` of a chat file; null when the path is none. */
export const projectDirOf = (chatPath: string): string | null =>
  /^(.+\/tmp\/[^/]+)\/chats\//.exec(chatPath)?.[1] ?? null

const isPath = (text: string): boolean => text.startsWith('/') && text.length <= 4096 && !/\p{Cc}/u.test(text)

/** Working directory named in a `.project_root`; null when it holds no absolute path. */
export const parseProjectRoot = (bytes: Uint8Array): string | null => {
  const path = decodeUtf8(bytes).replace(/[\r\n]+$/, '')
  return isPath(path) ? path : null
}

/** Path to short name, as `projects.json` maps them; empty for anything else. */
export const parseProjects = (bytes: Uint8Array): ReadonlyMap<string, string> => {
  const projects = objectOf(objectOf(parseJson(decodeUtf8(bytes)))?.projects) ?? {}
  return new Map(
    Object.entries(projects).filter(
      (entry): entry is [string, string] => isPath(entry[0]) && typeof entry[1] === 'string',
    ),
  )
}

/** The directory's name is a project's short name or, before 2026, the SHA-256 of its path. */
export const matchProject = (
  dirName: string,
  projects: ReadonlyMap<string, string>,
  otherPaths: readonly string[],
): string | null => {
  for (const [path, name] of projects) if (name === dirName) return path
  if (!/^[0-9a-f]{64}$/.test(dirName)) return null
  return [...projects.keys(), ...otherPaths].find((path) => sha256(path) === dirName) ?? null
}

const read = async (ctx: CollectContext, path: string, maxBytes: number): Promise<Uint8Array | null> => {
  const answer = await ctx.readRange({ path, offset: 0, maxBytes })
  return answer.is === 'bytes' ? answer.bytes : null
}

const agentCwds = async (ctx: CollectContext): Promise<readonly string[]> =>
  (await ctx.known('latest_agent_processes')).map((row) => row.cwd).filter((cwd) => typeof cwd === 'string')

/** Where the agent of a project directory worked; null is unknown and asked again when the project moves. */
const findRoot = async (ctx: CollectContext, dir: string): Promise<string | null> => {
  const home = dir.slice(0, dir.lastIndexOf('/tmp/'))
  const [root, projects] = await Promise.all([
    read(ctx, `${dir}/.project_root`, ROOT_BYTES),
    read(ctx, `${home}/projects.json`, PROJECTS_BYTES),
  ])
  const named = root === null ? null : parseProjectRoot(root)
  if (named !== null) return named
  const known = projects === null ? new Map<string, string>() : parseProjects(projects)
  return matchProject(dir.slice(dir.lastIndexOf('/') + 1), known, await agentCwds(ctx))
}

/** Working directory by project directory, for those that could be found. All are asked for at once. */
export const findRoots = async (ctx: CollectContext, dirs: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const found = await Promise.all(dirs.map(async (dir) => [dir, await findRoot(ctx, dir)] as const))
  return new Map(found.filter((entry): entry is [string, string] => entry[1] !== null))
}
