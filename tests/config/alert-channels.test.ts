import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config/index.ts'

const HOOK = '[[alerts.channels]]\nname = "ops"\nkind = "webhook"\nurl = "https://example.org/x"\n'
const RULE = '[[rules]]\nid = "load-hot"\nquery = "machines"\nwhen = "load5 > 3"\n'
const ATLAS = '[[machines]]\nid = "atlas"\nssh = "ops@atlas"\ntags = ["gpu"]\n'

const said = (toml: string) =>
  parseConfig(toml, 'vc.toml').problems.map(({ severity, message, fix }) => `${severity}: ${message}; ${fix}`)

test('a channel that can never hear of anything is said', () => {
  expect(said(`${HOOK}rules = ["load-hot"]\n${RULE}`)).toEqual([
    `warning: alerts.channels[1].rules names 'load-hot', a rule of this file; write "user:load-hot"`,
  ])
  expect(said(`${HOOK}rules = ["user:load-hit", "disk_low"]\n${RULE}`)).toEqual([
    "warning: alerts.channels[1].rules names 'user:load-hit', and no [[rules]] has that id; names of all: vc alert rules",
  ])
  expect(said(`${HOOK}machines = ["atlsa"]\ntags = ["production"]\n${ATLAS}`)).toEqual([
    "warning: alerts.channels[1].machines names 'atlsa', and no machine is called so; names of all: vc machines list",
    "warning: alerts.channels[1].tags names 'production', a tag no machine has; add it to the tags of a machine",
  ])
  expect(said(`${HOOK}only_escalated = true\n`)).toEqual([
    'warning: alerts.channels[1].only_escalated waits for what is never sent: nothing is escalated; add to [alerts]: escalate_minutes = 30',
  ])
})

test('one that can is not', () => {
  const full = `${HOOK}rules = ["user:load-hot", "disk_low"]\nmachines = ["atlas"]\ntags = ["gpu"]\nonly_escalated = true\n`
  expect(said(`[alerts]\nescalate_minutes = 30\n${full}${RULE}${ATLAS}`)).toEqual([])
  expect(said(`${HOOK}machines = ["this-machine"]\n`)).toEqual([])
})
