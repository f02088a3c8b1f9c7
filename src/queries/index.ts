import { accounts } from './accounts.ts'
import { agents } from './agents.ts'
import { alerts } from './alerts.ts'
import { audit } from './audit.ts'
import { beads } from './beads.ts'
import { bench } from './bench.ts'
import { builds } from './builds.ts'
import { collectors } from './collectors.ts'
import { config } from './config.ts'
import { content } from './content.ts'
import { convoys } from './convoys.ts'
import { cost } from './cost.ts'
import type { Query } from './define.ts'
import { diff } from './diff.ts'
import { dna } from './dna.ts'
import { doctor } from './doctor.ts'
import { engine } from './engine.ts'
import { events } from './events.ts'
import { explain } from './explain.ts'
import { forecast } from './forecast.ts'
import { guards } from './guards.ts'
import { health } from './health.ts'
import { incidents } from './incidents.ts'
import { kpi } from './kpi.ts'
import { machine } from './machine.ts'
import { machines } from './machines.ts'
import { mail } from './mail.ts'
import { missions } from './missions.ts'
import { network } from './network.ts'
import { oracle } from './oracle.ts'
import { patterns } from './patterns.ts'
import { ptys } from './ptys.ts'
import { report } from './report.ts'
import { repos } from './repos.ts'
import { retention } from './retention.ts'
import { scrapes } from './scrapes.ts'
import { search } from './search.ts'
import { sessions } from './sessions.ts'
import { settings } from './settings.ts'
import { status } from './status.ts'
import { triage } from './triage.ts'
import { usage } from './usage.ts'

/** Every named query. A query file in this folder that is not here fails a test. */
export const queries: readonly Query[] = [
  health,
  status,
  triage,
  alerts,
  machines,
  machine,
  agents,
  engine,
  sessions,
  ptys,
  convoys,
  missions,
  usage,
  cost,
  accounts,
  forecast,
  oracle,
  repos,
  beads,
  settings,
  config,
  builds,
  bench,
  content,
  search,
  scrapes,
  collectors,
  mail,
  network,
  guards,
  audit,
  events,
  diff,
  incidents,
  kpi,
  report,
  retention,
  doctor,
  explain,
  dna,
  patterns,
] as unknown as readonly Query[]

export { answer } from './ask.ts'
export type { Query, QueryContext } from './define.ts'
