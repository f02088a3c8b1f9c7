import type { Command } from 'commander'
import { builtInRuleIds } from '../../commands/rules-list.ts'
import { COLLECTOR_NAMES } from '../../config/index.ts'
import { queries } from '../../queries/index.ts'
import { topicNode } from './topics.ts'
import { type CompletionNode, completionTree } from './tree.ts'

const PAGES = ['guide', 'topics', 'schemas', 'examples'] as const

/** The whole command tree with all that is known of its words: topics stand as commands of `vc robot` and `vc robot-docs <page>`. */
export const wholeTree = (program: Command): CompletionNode => {
  const known = { collectors: COLLECTOR_NAMES, rules: builtInRuleIds }
  const topics = queries.map((query) => topicNode(query, known))
  const names = topics.map(({ name }) => name)
  const pages = PAGES.map((name) => ({
    ...{ name, about: 'what agents need to know', options: [], children: [] },
    values: name === 'guide' ? null : names,
  }))
  return completionTree(program, known, { robot: topics, 'robot-docs': pages })
}
