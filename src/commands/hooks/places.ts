import { existsSync, realpathSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { readOwnFile, resolvePaths, type Surroundings } from '../../config/index.ts'
import { claudeTarget } from './claude.ts'
import { codexTarget } from './codex.ts'
import { geminiTarget } from './gemini.ts'
import type { HookTarget } from './target.ts'
import { TEE_NAME } from './tee-script.ts'

/** vc's own folder for hooks: the same wherever `[vc] data_dir` points, because the collector looks there on every machine. */
export interface HookPlaces {
  readonly dir: string
  readonly tee: string
  readonly events: string
  readonly backups: string
}

export function hookPlaces(at: Surroundings): HookPlaces {
  const dir = join(resolvePaths(at).dataDir, 'hooks')
  return { dir, tee: join(dir, TEE_NAME), events: join(dir, 'events'), backups: join(dir, 'backups') }
}

const homeOf = (at: Surroundings, name: string, usual: string): string => {
  const set = at.env[name]
  return set !== undefined && isAbsolute(set) ? set : join(at.home, usual)
}

/** A CLI that was never started here has no home, and gets nothing. */
export function hookTargets(at: Surroundings): readonly HookTarget[] {
  const { tee } = hookPlaces(at)
  const claude = homeOf(at, 'CLAUDE_CONFIG_DIR', '.claude')
  const codex = homeOf(at, 'CODEX_HOME', '.codex')
  const gemini = join(at.home, '.gemini')
  return [
    // Claude makes its folder at the end of its first session; its own file is there before
    ...(existsSync(claude) || existsSync(join(at.home, '.claude.json'))
      ? [claudeTarget(join(claude, 'settings.json'), tee)]
      : []),
    ...(existsSync(codex) ? [codexTarget(join(codex, 'config.toml'), tee)] : []),
    ...(existsSync(gemini) ? [geminiTarget(join(gemini, 'settings.json'), tee)] : []),
  ]
}

/** The file behind a link, so that people who keep their settings in a repository keep their link. */
export const realFile = (file: string): string => (existsSync(file) ? realpathSync(file) : file)

/** Text of a settings file; null where there is none. Refuses one that is not the user's own. */
export const textOf = (target: HookTarget, at: Surroundings): string | null =>
  existsSync(target.file) ? readOwnFile(realFile(target.file), at.uid) : null
