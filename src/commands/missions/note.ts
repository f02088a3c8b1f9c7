import type { ActWish, Deed, DeedMaker, DeedResult, Refusal } from '../../core/action.ts'
import { usageError } from '../../core/errors.ts'
import type { Executor } from '../../core/executor.ts'
import { sha256 } from '../../core/ids.ts'
import { typedText } from '../../core/quoted-text.ts'
import { displayText } from '../../core/text.ts'
import { BEAD_TOOLS, type BeadTool, noteOnBead } from '../../engine/bead-note.ts'
import { beadsProjects, type MissionRow, missionsNamed, missionTexts, type Store } from '../../store/index.ts'

export interface NotePorts {
  readonly store: Pick<Store, 'db'>
  executor(machineId: string): Promise<Executor>
  /** `missions.note_beads` of vc.toml in force. */
  readonly mayNote: () => boolean
}

const NOTE_CHARS = 4_000

const isTool = (backend: string | undefined): backend is BeadTool => BEAD_TOOLS.some((tool) => tool === backend)

const missionOf = async ({ store }: NotePorts, { params }: ActWish): Promise<MissionRow> => {
  const [row] = typeof params.mission === 'string' ? await missionsNamed(store.db, { ids: [params.mission] }) : []
  if (row !== undefined) return row
  throw usageError('unknown_mission', 'there is no such mission', 'vc mission list --all')
}

/** What stands on the issue afterwards: how it ended, by whom, and the beginning of what was reported. */
const noteOf = async (
  { store }: NotePorts,
  row: MissionRow,
): Promise<{ readonly text: string; readonly mark: string }> => {
  const texts = await missionTexts(store.db, { missionId: row.mission_id })
  const report = texts.filter(({ attempt }) => attempt > 0).at(-1)
  const mark = `[vc ${row.mission_id}.${row.attempts}]`
  const how = row.status === 'done' ? 'done' : `${row.status} (${row.failure_code ?? 'no reason given'})`
  const words = `${mark} ${how} by ${row.claimed_by ?? 'nobody'} after ${row.attempts} attempts`
  const body = report === undefined ? '' : `\n\n${typedText(report.body).slice(0, NOTE_CHARS)}`
  return { text: `${words}${body}`, mark }
}

const refusal = (code: string, message: string, fix: string): Refusal => ({ code, message, fix })

/** `mission.note`: how a mission ended, as a comment on the issue it came from, written by the tool that keeps the issue. */
export const noteMaker =
  (ports: NotePorts): DeedMaker =>
  async (wish): Promise<Deed> => {
    const row = await missionOf(ports, wish)
    const { bead_id: issue, bead_project: project, machine_id: machineId } = row
    if (issue === null || project === null || machineId === null)
      throw usageError('no_bead', `${row.mission_id} came from no issue`, 'vc mission show')
    const backend = (await beadsProjects(ports.store.db, { machineId })).find(
      (one) => one.project === project || one.project === `${project}/.beads`,
    )?.backend
    const { text, mark } = await noteOf(ports, row)
    return {
      proposal: {
        ...{ verb: 'mission.note', class: 'irreversible', origin: wish.origin, actor: wish.actor },
        target: { machineId, agentId: null, subject: project },
        params: { mission: row.mission_id, issue, project, tool: backend ?? null, text_sha256: sha256(text) },
        why: `note on issue ${displayText(issue, 64)} how ${row.mission_id} ended`,
      },
      shown: text.split('\n').map((line) => `  ${displayText(line, 200)}`),
      async check() {
        if (!ports.mayNote())
          return refusal(
            'bead_notes_off',
            'vc may not note anything on issues',
            'set missions.note_beads = true in vc.toml',
          )
        const [now] = await missionsNamed(ports.store.db, { ids: [row.mission_id] })
        if (now?.status !== 'done' && now?.status !== 'failed')
          return refusal(
            'not_ended',
            `${row.mission_id} is ${now?.status ?? 'gone'}`,
            `vc mission show ${row.mission_id}`,
          )
        if (isTool(backend)) return null
        return refusal('no_bead_tool', `no tool keeps the issues in ${displayText(project, 200)}`, 'vc robot beads')
      },
      async act() {
        const tool = isTool(backend) ? backend : 'bd'
        const noted = await noteOnBead(await ports.executor(machineId), { project, tool, issue, text, mark })
        return noted.is === 'refused' ? noted.refusal : resultOf(noted.is, issue, tool)
      },
    }
  }

const resultOf = (is: 'noted' | 'there' | 'unseen', issue: string, tool: BeadTool): DeedResult => ({
  outcome: is === 'unseen' ? 'outcome_unknown' : 'verified',
  effects: [
    {
      what: is === 'there' ? `${issue} had that note already` : `the result is noted on ${issue}`,
      observed: is !== 'unseen',
      evidence: is === 'unseen' ? null : `${tool} comments`,
    },
  ],
})
