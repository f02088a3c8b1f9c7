import {
  addMachine,
  findConfig,
  homeConfigFile,
  type LoadedConfig,
  lineOf,
  type MachineConfig,
  type NewMachine,
  parseConfig,
  readOwnFile,
  type Surroundings,
  setMachineKey,
  writeConfig,
} from '../config/index.ts'
import { usageError } from '../core/errors.ts'
import { machineNamed } from './machines-named.ts'
import { storeHolder } from './store-holder.ts'

/** What an edit did to the file. */
export interface EditReport {
  readonly file: string
  readonly changed: boolean
  /** Things that followed from the edit and that nobody asked for by name. */
  readonly also: readonly string[]
}

interface OpenFile {
  readonly path: string
  /** Null: there is none yet. */
  readonly before: string | null
}

function openFile(at: Surroundings, flag: string | undefined): OpenFile {
  const found = findConfig(at, flag)
  if (found !== null) return { path: found.path, before: readOwnFile(found.path, at.uid) }
  return { path: homeConfigFile(at), before: null }
}

// Said by where the other one stands: the new block stands nowhere yet, and a line for it would name nothing.
function refuseTwice({ path, before }: OpenFile, written: readonly MachineConfig[], machine: NewMachine): void {
  const sameId = written.findIndex((other) => other.id === machine.id)
  const index = sameId < 0 && machine.ssh === 'local' ? written.findIndex((other) => other.ssh === 'local') : sameId
  const other = written[index]
  if (other === undefined) return
  const line = lineOf(before ?? '', ['machines', index, sameId < 0 ? 'ssh' : 'id'])
  const which = sameId < 0 ? `this machine already, as '${other.id}'` : `a machine '${other.id}' already`
  throw usageError(
    'machine_exists',
    `${path}${line === null ? '' : `:${line}`} has ${which} (ssh = "${other.ssh}")`,
    sameId < 0 ? 'one entry per machine is enough' : 'choose another id, or change that one by hand',
  )
}

const EXAMPLE = 'for example: vc machines add atlas ubuntu@atlas.internal'

/** The keys of a new block, as they are typed. */
const ARGUMENTS = [
  { key: /\.ssh$/, name: 'the argument [target]', example: EXAMPLE },
  { key: /\.tags\b/, name: 'the option --tag', example: `${EXAMPLE} --tag gpu` },
  { key: /\.roles\b/, name: 'the option --role', example: `${EXAMPLE} --role worker` },
  { key: /\.id$/, name: 'the argument <id>', example: EXAMPLE },
]

// What is wrong with an argument stands in no file yet: it is told of the argument.
function refuseArguments(machine: NewMachine): void {
  const wrong = parseConfig(addMachine('', machine), '').problems.find(({ severity }) => severity === 'error')
  const argument = ARGUMENTS.find(({ key }) => wrong !== undefined && key.test(wrong.key))
  if (wrong === undefined || argument === undefined) return
  const isBoth = machine.ssh === machine.id && wrong.key.endsWith('.ssh')
  const name = isBoth ? 'the argument <id>, which is the target too,' : argument.name
  const says = wrong.message
    .replace(wrong.key, '')
    .replace(/^machine id /, '')
    .trim()
  const fix = /^(?:see|write a text)/.test(wrong.fix) ? argument.example : `${wrong.fix}; ${argument.example}`
  throw usageError(wrong.code, `${name} ${says}`, fix)
}

/**
 * Appends a machine. A file that named none meant "this machine only", so this machine gets its own block first: adding a
 * second machine must not make the first one vanish.
 */
export function addMachineToConfig(
  at: Surroundings,
  flag: string | undefined,
  loaded: LoadedConfig,
  machine: NewMachine,
): EditReport {
  refuseArguments(machine)
  const file = openFile(at, flag)
  const { path, before } = file
  const also: string[] = []
  let text = before ?? ''
  const implied = loaded.config.machines[0]
  const written = before === null ? [] : (parseConfig(text, path).config?.machines ?? [])
  refuseTwice(file, written, machine)
  const named = written.length
  if (named === 0 && implied !== undefined && machine.ssh !== 'local') {
    text = addMachine(text, { id: implied.id, ssh: 'local' })
    also.push(`this machine stands there too now, as '${implied.id}'`)
  }
  if (before === null) also.push('the file is new; before, the built-in configuration was in force')
  return { file: writeConfig(path, before, addMachine(text, machine), at), changed: true, also }
}

/** Switches a machine on or off in the file, leaving every comment where it was. */
export function switchMachine(
  at: Surroundings,
  flag: string | undefined,
  loaded: LoadedConfig,
  id: string,
  enabled: boolean,
): EditReport {
  const machine = machineNamed(loaded, id)
  const { path, before } = openFile(at, flag)
  const index = before === null ? -1 : (parseConfig(before, path).config?.machines.findIndex((m) => m.id === id) ?? -1)
  if (before === null || index < 0) {
    const where = before === null ? 'there is no configuration file' : `${path} names no machine`
    throw usageError(
      'not_in_file',
      `${where}; '${id}' is the built-in default`,
      `write it down first: vc machines add ${id} local`,
    )
  }
  if (machine.enabled === enabled) return { file: path, changed: false, also: [] }
  return {
    file: writeConfig(path, before, setMachineKey(before, index, 'enabled', enabled), at),
    changed: true,
    also: [],
  }
}

/** How a running daemon learns of an edit; null when none runs. */
export const reloadHint = async (loaded: LoadedConfig): Promise<string | null> => {
  const pid = await storeHolder(loaded.paths.dataDir)
  return pid === null ? null : 'a running daemon takes it up with: vc config reload'
}
