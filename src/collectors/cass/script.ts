import { sh } from '../sh.ts'

/** `health`, and what else is due. $1 path of cass, $2 stats | timeline | none, $3 since, $4 until (RFC 3339). Nothing here indexes. */
export const CASS_BODY = sh`
begin
find_tool "$1" cass || { finish; return 0; }
export CASS_OUTPUT_FORMAT=json CODING_AGENT_SEARCH_NO_UPDATE_PROMPT=1
unset TOON_DEFAULT_FORMAT
part health 8 "$tool" health --json
case $2 in
stats) part stats 40 "$tool" stats --json ;;
timeline) part timeline 40 "$tool" timeline --json --since "$3" --until "$4" --group-by none ;;
esac
finish
`
