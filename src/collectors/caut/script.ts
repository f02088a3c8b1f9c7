import { toolScript } from '../tool-sections.ts'

/**
 * Claude's windows, from caut's own daemon where one answers, else from the provider. Only `--provider claude --source
 * oauth`: with other sources caut runs guesses such as `claude limits`, which a CLI takes for a prompt and spends quota on;
 * of Codex it knows no window. A daemon is never started.
 */
export const cautScript = (): string =>
  toolScript(
    'caut.usage',
    `begin
find_tool "$1" caut || return 0
if [ -f "\${XDG_DATA_HOME:-$HOME/.local/share}/caut/caut-server.json" ]; then
  part query 8 "$tool" query usage
  [ "$s" = 0 ] && { finish; return 0; }
fi
part usage 40 "$tool" usage --json --timeout 20 --provider claude --source oauth --status
finish`,
  )
