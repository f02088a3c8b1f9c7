/** What a service manager needs to know to run `vc daemon`. */
export interface ServiceFacts {
  readonly node: string
  readonly script: string
  readonly configFile: string | null
}

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

/** A user unit: `~/.config/systemd/user/vc.service`. tmux servers started by vc must outlive it, hence KillMode. */
export const systemdUnit = (facts: ServiceFacts): string => `# Belongs to ~/.config/systemd/user/vc.service. Then:
#   systemctl --user daemon-reload && systemctl --user enable --now vc
# To run without a login, too: loginctl enable-linger
[Unit]
Description=Vibe Cockpit: fleet observability for coding agents

[Service]
Type=simple
ExecStart=${argv(facts).map(quoted).join(' ')}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=5
KillMode=process
Nice=5

[Install]
WantedBy=default.target
`

const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

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
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
  <key>ProcessType</key><string>Background</string>
</dict>
</plist>
`
