import type { Command } from 'commander'
import { builtInRuleIds } from '../../commands/rules-list.ts'
import { COLLECTOR_NAMES, configSections } from '../../config/index.ts'
import { queries } from '../../queries/index.ts'
import { topicNode } from './topics.ts'
import { type CompletionNode, completionTree } from './tree.ts'

const PAGES = ['guide', 'topics', 'schemas', 'examples'] as const

// A path with a name of somebody's own in it (a model, an id) is none that can be typed as it stands.
const PLAIN_PATH = /^[a-z0-9_.]+$/

const configWords = () => {
  const plain = configSections().filter(({ path }) => PLAIN_PATH.test(path) && !path.startsWith('machines.'))
  const keysOf = (sections: typeof plain) => sections.flatMap(({ keys }) => keys.map(({ path }) => path))
  return {
    explained: [...plain.map(({ path }) => path), ...keysOf(plain)],
    // One of many blocks is not named by its key alone.
    keys: keysOf(plain.filter(({ header }) => !header.startsWith('[['))),
  }
}

/** The whole command tree with all that is known of its words: topics stand as commands of `vc robot` and `vc robot-docs <page>`. */
export const wholeTree = (program: Command): CompletionNode => {
  const known = { collectors: COLLECTOR_NAMES, rules: builtInRuleIds, ...configWords() }
  const topics = queries.map((query) => topicNode(query, known))
  const names = topics.map(({ name }) => name)
  const pages = PAGES.map((name) => ({
    ...{ name, about: 'what agents need to know', options: [], children: [] },
    values: name === 'guide' ? null : names,
  }))
  return completionTree(program, known, { robot: topics, 'robot-docs': pages })
}
