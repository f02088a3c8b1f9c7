import { toolScript } from '../tool-sections.ts'

/**
 * The two listings of ru, nothing else: bare `ru` is `ru sync`, and `status` without `--no-fetch` fetches every repository.
 * ru runs git in the checkouts, so git is told not to write there and not to start their file system monitor.
 */
export const ruScript = (): string =>
  toolScript(
    'ru.repos',
    `begin
find_tool "$1" ru || return 0
export GIT_OPTIONAL_LOCKS=0 GIT_TERMINAL_PROMPT=0 GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.fsmonitor GIT_CONFIG_VALUE_0=false
part list 15 "$tool" list --json --non-interactive --format json
part status 60 "$tool" status --no-fetch --json --non-interactive --format json
finish`,
  )
