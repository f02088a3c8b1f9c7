import { isAbsolute } from 'node:path'

/** What a service manager needs to know to run `vc daemon`. */
export interface ServiceFacts {
  readonly node: string
  readonly script: string
  readonly configFile: string | null
  /** What of the environment says where things lie: a service manager starts with none of it. */
  readonly env: Readonly<Record<string, string>>
}

const PLACE_WORDS = ['XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME'] as const

/** Without them the daemon would keep its data and its socket elsewhere than the commands of this user look for it. */
export const placesOfEnv = (env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    PLACE_WORDS.flatMap((word) => {
      const value = env[word]
      return value !== undefined && isAbsolute(value) ? [[word, value]] : []
    }),
  )

const argv = ({ node, script, configFile }: ServiceFacts): string[] => [
  node,
  script,
  'daemon',
  ...(configFile === null ? [] : ['--config', configFile]),
]

const quoted = (word: string): string =>
  /^[A-Za-z0-9_./=-]+$/.test(word)
    ? word
    : `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`

// Not a command line: a dollar sign means nothing there.
const environment = ({ env }: ServiceFacts): string =>
  Object.entries(env)
    .map(([word, value]) => `Environment=${quoted(`${word}=${value}`).replaceAll('$$', '$')}\n`)
    .join('')

/** A user unit: `~/.config/systemd/user/vc.service`. tmux servers started by vc must outlive it, hence KillMode. */
export const systemdUnit = (facts: ServiceFacts): string => `# Belongs to ~/.config/systemd/user/vc.service. Then:
#   systemctl --user daemon-reload && systemctl --user enable --now vc
# To run without a login, too: loginctl enable-linger
[Unit]
Description=Vibe Cockpit: fleet observability for coding agents

[Service]
Type=simple
${environment(facts)}ExecStart=${argv(facts).map(quoted).join(' ')}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=5
KillMode=process
Nice=5

[Install]
WantedBy=default.target
`

const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const environmentXml = ({ env }: ServiceFacts): string => {
  const entries = Object.entries(env).map(([word, value]) => `    <key>${word}</key><string>${xml(value)}</string>\n`)
  return entries.length === 0 ? '' : `  <key>EnvironmentVariables</key>\n  <dict>\n${entries.join('')}  </dict>\n`
}

/** A launch agent: `~/Library/LaunchAgents/dev.vibe-cockpit.vc.plist`. */
export const launchdPlist = (facts: ServiceFacts): string => `<?xml version="1.0" encoding="UTF-8"?>
<!-- Belongs to ~/Library/LaunchAgents/dev.vibe-cockpit.vc.plist. Then: launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/dev.vibe-cockpit.vc.plist -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>dev.vibe-cockpit.vc</string>
  <key>ProgramArguments</key>
  <array>
${argv(facts)
  .map((word) => `    <string>${xml(word)}</string>`)
  .join('\n')}
  </array>
${environmentXml(facts)}  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
  <key>ProcessType</key><string>Background</string>
</dict>
</plist>
`
