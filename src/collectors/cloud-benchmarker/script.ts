import { sh } from '../sh.ts'

// Where the clock of the controller stands: its rows carry local time without an offset.
const ZONE = sh`
printf '\036%s zone\n' "$N"
z=$(readlink /etc/localtime 2>/dev/null); z=\${z##*zoneinfo/}
printf '%s %s\037%s 0\n' "$(date +%z)" "\${TZ:-$z}" "$N"
`

const LISTS = sh`
if command -v curl >/dev/null 2>&1; then
  for w in raw overall; do
    part "$w" 16 curl -sS -m 15 --noproxy '*' -w '\n%{http_code}' "$1/data/$w/?time_period=$2"
  done
else printf '\036%s missing\n\037%s 127\n' "$N" "$N"; fi
`

/** Both lists over HTTP. $1 base address, $2 time_period. The trailing slash belongs to the path. */
export const HTTP_BODY = `begin\n${ZONE}${LISTS}finish\n`

/** The zone alone, for who reads the database. */
export const ZONE_BODY = `begin\n${ZONE}finish\n`
