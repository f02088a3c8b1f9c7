import {
  type LoadedConfig,
  parseConfig,
  placeAt,
  positionsOf,
  readOwnFile,
  redactConfig,
  type Surroundings,
  surroundings,
} from '../config/index.ts'
import { messageOf, VcError } from '../core/errors.ts'
import type { OwnConfig, OwnConfigKey } from '../core/own-config.ts'
import { explainConfig } from './config-explain.ts'

interface OnDisk {
  readonly text: string
  readonly config: LoadedConfig['config'] | null
  readonly problems: OwnConfig['problems']
}

const NOTHING: OnDisk = { text: '', config: null, problems: [] }

/** The file as it is now: it may have been edited since it was taken. */
const readDisk = ({ source }: LoadedConfig, at: Surroundings): OnDisk => {
  if (source.is !== 'file') return NOTHING
  try {
    const text = readOwnFile(source.path, at.uid)
    return { text, ...parseConfig(text, source.path) }
  } catch (error) {
    const fix = error instanceof VcError ? error.fix : 'run: vc config lint'
    return { ...NOTHING, problems: [{ severity: 'error', line: null, key: '', message: messageOf(error), fix }] }
  }
}

const valueText = (value: unknown): string | null =>
  value === undefined ? null : value === null ? 'unset' : JSON.stringify(value)

const valuesOf = (loaded: LoadedConfig): ReadonlyMap<string, string | null> => {
  const safe = { ...loaded, config: redactConfig(loaded.config) as LoadedConfig['config'] }
  return new Map(
    explainConfig(undefined, safe).flatMap(({ keys }) => keys.map((key) => [key.path, valueText(key.now)] as const)),
  )
}

/** Every key with what it means, what is in force and what the file says by now. Reads the file, changes nothing. */
export function ownConfig(loaded: LoadedConfig, at: Surroundings = surroundings()): OwnConfig {
  const disk = readDisk(loaded, at)
  const positions = positionsOf(disk.text)
  const now = valuesOf(loaded)
  // Machines and paths are worked out when a file is taken; what is compared are plain values.
  const then = disk.config === null ? now : valuesOf({ ...loaded, config: disk.config })
  const keyOf = (key: { path: string; about: string; type: string; defaultText: string }): OwnConfigKey => {
    const shown = now.get(key.path) ?? null
    const next = then.get(key.path) ?? null
    return {
      path: key.path,
      about: key.about,
      type: key.type,
      default: key.defaultText,
      now: shown,
      next: next === shown || key.path === 'ssh.config_file' ? null : next,
      line: placeAt(positions, key.path.split('.'))?.line ?? null,
    }
  }
  return {
    file: loaded.source.is === 'file' ? loaded.source.path : null,
    machines: loaded.config.machines.length,
    sections: explainConfig(undefined, null).map(({ header, about, keys }) => ({
      header,
      about,
      keys: keys.map(keyOf),
    })),
    problems: disk.problems.map(({ severity, line, key, message, fix }) => ({ severity, line, key, message, fix })),
  }
}
