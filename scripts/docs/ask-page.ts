import { INTENTS } from '../../src/oracle/ask-intents.ts'

const HEAD = `# vc ask

\`\`\`sh
vc ask "why is atlas slow?"
vc ask who needs me
vc ask "what did it cost this week?" --json
\`\`\`

A question in words is mapped to fixed named queries, the same that \`vc robot\` answers; nothing of it becomes SQL or a command. The
answer comes with its evidence, the topic each fact is from, and commands to paste. Machines, agents, accounts and repositories
are known by their names: a name that is not known is asked back with the nearest one, never guessed. Words that were not used
are named. What is not understood is said so (exit code 2), with the list below. A question that is turned around (\`not\`, \`without\`) or
speaks of a time that is not read is refused, too: an answer about something else would look like the one that was asked for.

Times, all UTC: \`2h\`, \`30 min\`, \`two weeks\`, \`today\`, \`yesterday\`, \`this week\` (seven days), \`this month\` (from its first day), \`last month\`
(the calendar month before), \`03:12\` (the last one), \`2026-11-20\` (that day), \`since 2026-11-20\`, \`between 2026-11-01 and 2026-11-05\` (both).
Costs are told by something with \`per day\`, \`by model\`, \`which agent\`, and of models and CLIs by their names; \`codex on atlas and borg\` is summed on each of these machines; what is to come is for \`vc robot cost\`.

| about | for example | answered from |
|---|---|---|
`

const FIELDS = `
With \`--json\`: \`understood\`, \`intent\`, \`named\`, \`since\`, \`until\`, \`asked\` (each query with its parameters, to be asked again with \`vc robot\`),
\`answer\`, \`evidence\` (\`text\`, \`from\`), \`commands\` (\`command\`, \`reason\`), \`notes\`, \`warnings\`, and \`can_ask\` when it was not understood.
`

/** docs/ask.md, from the intents. */
export const askPage = (): string =>
  `${HEAD}${INTENTS.map(({ about, example, topics }) => `| ${about} | ${example} | ${topics.map((topic) => `\`${topic}\``).join(', ')} |`).join('\n')}\n${FIELDS}`
