import { toolScript } from '../tool-sections.ts'

/**
 * Profiles without the network, and ($2 = limits) the limits of every vaulted profile over it; on other turns the identity
 * list. Any call of caam creates its database and changes its journal mode, so that nothing is asked where there is none.
 */
export const caamScript = (): string =>
  toolScript(
    'caam.profiles',
    `begin
find_tool "$1" caam || return 0
db=\${CAAM_HOME:+$CAAM_HOME/data/caam.db}
db=\${db:-$HOME/.caam/data/caam.db}
part db 5 printf '%s' "$db"
[ -f "$db" ] || { finish; return 0; }
part status 15 "$tool" robot status --compact
if [ "$2" = limits ]; then part limits 62 "$tool" limits --format json
else part list 15 "$tool" ls --json; fi
finish`,
  )
