import { createHash } from 'node:crypto'
import { openStore } from '../../src/store/index.ts'
import { at, runOf, usage } from './rows.ts'

/** Writes until the file may not grow any more, then says what it acknowledged and what it can still read. */
let deaths = 0
const log = {
  debug() {},
  info() {},
  warn() {},
  error(_: unknown, message: string) {
    if (message.includes('declared itself dead')) deaths++
  },
}
const store = await openStore({ dataDir: process.argv[2] ?? '', minFreeBytes: 0, log, now: () => at(0) })
// Text that does not compress, so that a few groups fill the file.
const noise = (seed: string): string =>
  Array.from({ length: 120 }, (_, index) => createHash('sha512').update(`${seed}/${index}`).digest('base64')).join('')

let acknowledged = 0
for (let n = 0, refused = 0; n < 400 && refused < 3; n++) {
  const rows = Array.from({ length: 100 }, (_, index) => usage(`${n}-${index}`, at(n), { cwd: noise(`${n}-${index}`) }))
  const wait = store.append(runOf([{ table: 'agent_usage', rows }], { startedAt: at(n) }))
  await store.flush()
  const outcome = await wait
  if (outcome.ok) acknowledged += outcome.inserted
  else refused++
}
const answer = await store.db
  .rows<{ n: number; keys: number }>('SELECT count(*) AS n, count(DISTINCT message_key) AS keys FROM agent_usage')
  .catch((error) => String(error))
const readable = Array.isArray(answer)
console.log(
  JSON.stringify({
    acknowledged,
    deaths,
    readable,
    rows: readable ? answer[0]?.n : answer,
    keys: readable ? answer[0]?.keys : null,
  }),
)
process.exit(0)
