import { mayWaitAlike } from '../../../commands/agent-act/same-dialog.ts'
import type { ScreenKey, ScreenView, Wish } from '../../screen.ts'
import { noLive } from './live.ts'
import type { AgentLine, AgentsModel } from './model.ts'

/** vc types into agents it started or was given, never into others. */
const untouchable = ({ agent, kind }: AgentLine): string | null =>
  kind === 'observed' ? `vc only watches it (observed); vc agent adopt ${agent} gives it to vc` : null

/** Why a dialog cannot be answered from here. */
const noAnswer = ({ selected }: AgentsModel, view: ScreenView): string | null => {
  if (selected === null) return 'no agent is chosen'
  if (view.at !== null) return 'the past cannot be answered'
  if (selected.state !== 'needs_approval') return 'it waits for no approval'
  return untouchable(selected)
}

/** Why one yes cannot answer several: nobody else waits who could show the same. Whether it is the same, vc reads then. */
const noOthers = (model: AgentsModel, view: ScreenView): string | null => {
  const why = noAnswer(model, view)
  const { selected, everyone } = model
  if (why !== null || selected === null) return why
  return mayWaitAlike(selected, everyone).length > 0
    ? null
    : `no other ${selected.cli} agent of vc waits for an approval; y answers this one`
}

const noSteering = ({ selected }: AgentsModel, view: ScreenView): string | null => {
  if (selected === null) return 'no agent is chosen'
  return view.at !== null ? 'the past cannot be steered' : untouchable(selected)
}

const noAgent = ({ selected }: AgentsModel): string | null => (selected === null ? 'no agent is chosen' : null)

const running =
  (verb: string, title: string) =>
  ({ selected }: AgentsModel): Wish | null =>
    selected === null
      ? null
      : { wish: 'run', argv: ['agent', verb, selected.agent], title: `${title} ${selected.agent}` }

const live =
  (how: 'focus' | 'zoom' | 'split') =>
  ({ selected }: AgentsModel): Wish | null =>
    selected === null ? null : { wish: 'live', agent: selected.agent, how }

const nextInNeed = ({ agents, selected }: AgentsModel): AgentLine | null => {
  const waiting = agents.filter((one) => one.state === 'needs_approval' || one.state === 'asked_question')
  const at = waiting.findIndex((one) => one.agent === selected?.agent)
  return waiting[(at + 1) % Math.max(1, waiting.length)] ?? null
}

/** What can be done with the selected agent. The dialog is read again by vc before a key is pressed. */
export const agentKeys: readonly ScreenKey<AgentsModel>[] = [
  { keys: ['y'], says: 'approve what it asks', blockedBy: noAnswer, act: running('approve', 'Approve') },
  { keys: ['n'], says: 'reject what it asks', blockedBy: noAnswer, act: running('reject', 'Reject') },
  {
    keys: ['a'],
    says: 'approve it for all that show the identical dialog',
    blockedBy: noOthers,
    act: ({ selected }) =>
      selected === null
        ? null
        : {
            wish: 'run',
            argv: ['agent', 'approve', selected.agent, '--same'],
            title: `Approve ${selected.agent} and all that ask the same`,
          },
  },
  {
    keys: ['N'],
    says: 'next agent that waits for you',
    blockedBy: (model) => (nextInNeed(model) === null ? 'nobody waits for you' : null),
    act: (model) => {
      const next = nextInNeed(model)
      return next === null ? null : { wish: 'go', screen: 'agents', chosen: { agents: next.agent } }
    },
  },
  {
    keys: ['f'],
    says: 'focus: keys go to its session',
    blockedBy: (model, view) => noLive(model, view) ?? noSteering(model, view),
    act: live('focus'),
  },
  { keys: ['z'], says: 'zoom its session', blockedBy: noLive, act: live('zoom') },
  { keys: ['s'], says: 'split: one more session beside', blockedBy: noLive, act: live('split') },
  {
    keys: ['e'],
    says: 'look at it now: evidence and last words',
    blockedBy: noAgent,
    act: ({ selected }) =>
      selected === null
        ? null
        : { wish: 'run', argv: ['explain', selected.agent], title: `Evidence of ${selected.agent}` },
  },
  {
    keys: ['w'],
    says: 'write to it',
    blockedBy: noSteering,
    act: ({ selected }) =>
      selected === null
        ? null
        : {
            wish: 'prompt',
            title: `To ${selected.agent}`,
            // biome-ignore lint/suspicious/noThenProperty: the name of the seam; nobody awaits a wish
            then: (line) => ({
              wish: 'run',
              argv: ['agent', 'send', selected.agent, '--', line],
              title: `Send to ${selected.agent}`,
            }),
          },
  },
  { keys: ['i'], says: 'interrupt it', blockedBy: noSteering, act: running('interrupt', 'Interrupt') },
  {
    keys: ['d'],
    says: 'adopt it: vc may steer it from then on',
    blockedBy: ({ selected }) =>
      selected === null ? 'no agent is chosen' : selected.kind === 'observed' ? null : `it is ${selected.kind} already`,
    act: running('adopt', 'Adopt'),
  },
  {
    keys: ['A'],
    says: 'attach to its terminal',
    blockedBy: noLive,
    act: ({ selected }) => (selected === null ? null : { wish: 'attach', agent: selected.agent }),
  },
]
