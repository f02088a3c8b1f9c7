import { configSections, defaultText, type KeyInfo, type SectionInfo } from './keys.ts'

const HEAD = `# vc.toml

<!-- Made from src/config/schema.ts by: node scripts/config-docs.ts -->

Looked for in this order: \`--config FILE\`, \`VC_CONFIG\`, \`$XDG_CONFIG_HOME/vc/vc.toml\` (\`~/.config/vc/vc.toml\`); without
any, vc looks at this machine only. A \`./vc.toml\` in the current folder is named, never loaded. A file that is not yours or
that others can write is refused with the command that mends it. Unknown names are errors with the nearest valid one.
A daemon that runs goes on with what a refused file said before: it says so, and commands that only ask are answered by it.

\`vc config paths | show | explain [key] | lint [file] | init\` help with it. Relative paths are taken from the folder of the
file, \`~\` is your home. Precedence of a collector's pace: the machine's override, \`[collectors.<name>]\`,
\`polling.default_interval_seconds\`, the collector's own.
`

const cell = (text: string): string => text.replaceAll('|', '\\|')

const row = (key: KeyInfo): string =>
  `| \`${key.name}\` | ${cell(key.type)} | ${cell(defaultText(key))} | ${cell(key.about)} |`

const sectionText = (section: SectionInfo): string => {
  const table = ['| key | must be | default | meaning |', '|---|---|---|---|', ...section.keys.map(row)]
  return [`## \`${section.header}\``, '', section.about, ...(section.keys.length === 0 ? [] : ['', ...table])].join(
    '\n',
  )
}

const OVERRIDES = `## \`[machines.collectors.<name>]\`

Below a \`[[machines]]\` block: what differs from \`[collectors.<name>]\` on that machine. The same keys; what is unset stays as
it is there.`

const isOverride = (section: SectionInfo): boolean => section.path.startsWith('machines.collectors.')

/** docs/config.md. */
export function configReference(): string {
  const sections = configSections().filter((section) => !isOverride(section))
  const texts = sections.flatMap((section) => [
    sectionText(section),
    ...(section.path === 'machines' ? [OVERRIDES] : []),
  ])
  return `${[HEAD.trimEnd(), ...texts].join('\n\n')}\n`
}
