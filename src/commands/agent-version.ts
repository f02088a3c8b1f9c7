import type { AgentAdapter } from '../core/agent-adapter.ts'
import type { Asker } from '../core/ask.ts'
import { sh } from '../core/sh.ts'
import { decodeUtf8, displayText } from '../core/text.ts'

export interface CliVersion {
  /** Null: not installed there, or it does not say. */
  readonly version: string | null
  /** Its screens and keys were recorded in this version; others may differ. */
  readonly recorded: boolean
}

/** "$1" 1: look into the package first · then the words to run. Running some CLIs costs seconds and leaves files behind. */
const VERSION = `# vc:ask engine.version
${sh`
version() {
  first=$1; shift
  p=$(command -v "$1") || return 0
  case $p in /*) ;; *) return 0 ;; esac
  if [ "$first" = 1 ]; then
    d=$(readlink -f "$p" 2>/dev/null); d=\${d%/*}; n=0
    while [ -n "$d" ] && [ "$n" -lt 5 ]; do
      if [ -f "$d/package.json" ]; then
        v=$(sed -n 's/^ *"version": *"\([^"]*\)".*/\1/p' "$d/package.json" | head -n 1)
        [ -z "$v" ] || { printf 'package %s\n' "$v"; return 0; }
      fi
      d=\${d%/*}; n=$((n + 1))
    done
  fi
  T=; command -v timeout >/dev/null 2>&1 && T='timeout 8'
  printf 'said %s\n' "$($T "$@" </dev/null 2>/dev/null | head -n 1 | cut -c1-200)"
}
version "$@"
`}`

/** Asks a machine for the version of a CLI, from its package where that is cheaper. */
export async function readCliVersion(asker: Asker, adapter: AgentAdapter): Promise<CliVersion> {
  const { argv, packageFirst, shape } = adapter.version
  const none: CliVersion = { version: null, recorded: false }
  if (argv.length === 0) return none
  const args = [packageFirst ? '1' : '', ...argv]
  const answer = await asker.run({ script: VERSION, args, timeoutMs: 12_000, maxBytes: 4_096 })
  if (answer.fault !== null) return none
  const [, from = '', words = ''] = /^(package|said) (.*)$/m.exec(decodeUtf8(answer.stdout)) ?? []
  const found = from === 'package' ? /^\d[\w.+-]{0,60}$/.exec(words)?.[0] : new RegExp(shape).exec(words)?.[1]
  const version = found === undefined ? null : displayText(found, 64)
  return { version, recorded: version !== null && adapter.recorded.includes(version) }
}
