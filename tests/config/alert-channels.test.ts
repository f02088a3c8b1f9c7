import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config/index.ts'
import { QUERY_NAMES, RULE_NAMES } from '../../src/config/named-elsewhere.ts'
import { builtInRules } from '../../src/oracle/rules/index.ts'
import { queries } from '../../src/queries/index.ts'

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
    "warning: alerts.channels[1].rules names 'user:load-hit', and no [[rules]] has that id; did you mean 'user:load-hot'?",
  ])
  expect(said(`${HOOK}machines = ["atlsa"]\ntags = ["production"]\n${ATLAS}`)).toEqual([
    "warning: alerts.channels[1].machines names 'atlsa', and no machine is called so; did you mean 'atlas'?",
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

test('a rule that there is none of is said with the nearest, where it is heard and where it is switched off', () => {
  const channel =
    "warning: alerts.channels[1].rules names 'disk_lo', and there is no such rule; did you mean 'disk_low'?"
  expect(said(`${HOOK}rules = ["disk_lo"]\n`)).toEqual([channel])
  expect(
    said(`[alerts]\ndisabled_rules = ["casstale", "xyzzy", "load-hot", "user:load-hot", "budget"]\n${RULE}`),
  ).toEqual([
    "warning: alerts.disabled_rules names 'casstale', and there is no such rule; did you mean 'cass_stale'?",
    "warning: alerts.disabled_rules names 'xyzzy', and there is no such rule; names of all: vc alert rules",
    `warning: alerts.disabled_rules names 'load-hot', a rule of this file; write "user:load-hot"`,
  ])
})

test('a kind with a slip is refused with the nearest', () => {
  expect(said(HOOK.replace('"webhook"', '"slck"'))[0]).toMatch(/not "slck"; did you mean 'slack'\?$/)
})

test('a rule that asks a query that there is none of is said with the nearest', () => {
  expect(said(RULE.replace('"machines"', '"machnes"'))).toEqual([
    "warning: rules[1].query names 'machnes', and there is no such query; did you mean 'machines'?",
  ])
})

test('the names of rules and queries that a configuration may hold are those there are', () => {
  expect([...QUERY_NAMES].sort()).toEqual(queries.map(({ name }) => name).sort())
  expect([...RULE_NAMES].sort()).toEqual(builtInRules.map(({ id }) => id).sort())
})
