import { expect, test } from 'vitest'
import { launchdPlist, placesOfEnv, systemdUnit } from '../../src/commands/service-files.ts'

const facts = {
  node: '/opt/node 26/bin/node',
  script: '/srv/vc/bin/vc.js',
  configFile: '/home/ö/50%/$HOME/"x".toml',
  env: {},
}

test('systemd: words with blanks, quotes, percent and dollar signs reach vc as they are', () => {
  expect(systemdUnit(facts)).toContain(
    String.raw`ExecStart="/opt/node 26/bin/node" /srv/vc/bin/vc.js daemon --config "/home/ö/50%%/$$HOME/\"x\".toml"`,
  )
})

test('systemd: agents started from the cockpit outlive it, and a reload is a SIGHUP', () => {
  expect(systemdUnit(facts)).toMatch(/KillMode=process/)
  expect(systemdUnit(facts)).toMatch(/ExecReload=.*-HUP/)
})

test('without a file the unit names none, so that one made later is found', () => {
  expect(systemdUnit({ ...facts, configFile: null })).not.toContain('--config')
})

test('launchd: one string per word, in well-formed XML', () => {
  const plist = launchdPlist({ ...facts, configFile: '/a&b/<c>.toml' })
  expect(plist.match(/<string>.*<\/string>/g)).toEqual([
    '<string>dev.vibe-cockpit.vc</string>',
    '<string>/opt/node 26/bin/node</string>',
    '<string>/srv/vc/bin/vc.js</string>',
    '<string>daemon</string>',
    '<string>--config</string>',
    '<string>/a&amp;b/&lt;c&gt;.toml</string>',
    '<string>Background</string>',
  ])
})

test('both say where they belong and how they are switched on, where the service manager passes over it', () => {
  const unit = systemdUnit(facts)
  expect(unit).toMatch(/^# .*~\/\.config\/systemd\/user\/vc\.service/)
  expect(unit).toContain('systemctl --user enable --now vc')
  expect(unit).toContain('loginctl enable-linger')
  // The manager of a user knows no network-online.target: it would be a promise that nobody keeps.
  expect(unit).not.toContain('network-online')
  expect(launchdPlist(facts)).toMatch(/^<\?xml.*\n<!-- (?!.*--.*-->).*launchctl bootstrap .* -->\n<!DOCTYPE/)
})

test('a daemon of a service manager keeps its things where the commands of its user look for them', () => {
  const env = placesOfEnv({
    XDG_STATE_HOME: '/srv/5% $of/state',
    XDG_DATA_HOME: 'relative',
    HOME: '/home/x',
    TOKEN: 'no',
  })
  expect(env).toEqual({ XDG_STATE_HOME: '/srv/5% $of/state' })
  expect(systemdUnit({ ...facts, env })).toContain('\nEnvironment="XDG_STATE_HOME=/srv/5%% $of/state"\nExecStart=')
  expect(launchdPlist({ ...facts, env })).toContain('<key>XDG_STATE_HOME</key><string>/srv/5% $of/state</string>')
  expect(systemdUnit(facts) + launchdPlist(facts)).not.toContain('Environment')
})
