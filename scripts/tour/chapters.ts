import { type Chapter, CTRL_C, opens, vc, vcArgs } from './step.ts'

const TABLE = /^MACHINE +STATUS +AGE .*WRONG FIRST$/m

const THIS_MACHINE: Chapter = {
  title: 'This machine, without any configuration',
  words:
    'The first command installs when needed, looks once, prints the fleet and keeps looking. The others are typed in a second terminal.',
  steps: [
    opens('npm start', ['start'], { compare: 'shape', must: [TABLE, /^data +~\/\.local\/share\/vc$/m, /^socket +~/m] }),
    vc('status', { compare: 'shape', must: [TABLE] }),
    vc('doctor', { compare: 'shape', must: [/daemon: pid/] }),
    vc('robot health --format brief', { compare: 'shape', must: [/^F:\d.*\|AGE:/m] }),
    vcArgs(['query', 'SELECT count(*) AS looks FROM scrapes WHERE up'], { compare: 'shape', must: [/looks/] }),
    CTRL_C,
    vc('status', { compare: 'shape', must: [TABLE] }),
  ],
}

const CONFIGURATION: Chapter = {
  title: 'A configuration, and a slip of the pen',
  words:
    'Nothing was configured so far. The file is made on demand, and a wrong key is refused with its line and the nearest right one.',
  steps: [
    vc('config init'),
    vc('machines add box dev@box.example:2222 --tag build', { compare: 'shape', must: [/^added 'box'/m] }),
    vc('config lint', { compare: 'shape', must: [/ok/i] }),
    {
      show: "printf '\\n[poling]\\nbase_tick = 3\\n' >> ~/.config/vc/vc.toml",
      argv: ['(append)', '\n[poling]\nbase_tick = 3\n'],
      exit: 0,
      compare: 'text',
    },
    vc('config lint', { exit: 2 }),
    vc('status', { exit: 2 }),
    { show: "sed -i '/poling/,$d' ~/.config/vc/vc.toml", argv: ['(mend)'], exit: 0, compare: 'text' },
  ],
}

const OVER_SSH: Chapter = {
  title: 'A machine over ssh',
  words:
    'Two machines of a test fleet on loopback; the key of one of them is not known yet. Nobody is at the keyboard here, so it stays refused.',
  needs: ['sshd', 'ssh-keygen', 'bash'],
  steps: [
    vc('--config fleet.toml machines probe', {
      exit: 1,
      compare: 'shape',
      must: [/^m0000 +ok /m, /^unknownkey +host_key_unknown/m],
    }),
    vc('--config fleet.toml machines trust unknownkey', { exit: 4 }),
    vc('--config fleet.toml collect --collector probe -m m0000', { compare: 'shape', must: [/m0000/] }),
    vc('--config fleet.toml status', { compare: 'shape', must: [TABLE, /^m0000 /m] }),
    vc('--config fleet.toml status --require-fresh', { exit: 3, compare: 'shape', must: [TABLE] }),
  ],
}

const DEMO: Chapter = {
  title: 'A fleet to look at',
  words:
    'Recorded machines, played back: no ssh, no accounts. One is out of reach, one shows another host key, one has a full disk.',
  steps: [
    // The first table stands after two seconds, whoever has answered by then.
    opens('npm run demo', ['demo'], {
      compare: 'shape',
      must: [TABLE, /^dione /m, /^eris /m, /^Ctrl|Ctrl-C stops it/m],
    }),
    // A played fleet goes on changing: agents move between states while one looks.
    vc('--config demo.toml status', {
      compare: 'shape',
      must: [TABLE, /^borg +online .*95 % full/m, /^beads: /m, /^accounts: /m, /waits for an approval/],
    }),
    // How many follow the first few depends on how long the fleet has been played.
    vc('--config demo.toml robot triage --format toon', {
      compare: 'shape',
      must: [/recommendations\[\d+\]/, /disk_low:borg/, /machine_unreachable:fenrir/, /suggested_commands/],
      lines: 40,
    }),
    vc('--config demo.toml robot usage --format toon', { lines: 40 }),
    vc('--config demo.toml explain {agent}', {
      compare: 'shape',
      must: [/: needs_approval/, /^ {2}won: {2}claude\.registry/m, /^ {2}lost: /m],
    }),
    vcArgs(
      ['--config', 'demo.toml', 'query', 'SELECT machine_id, count(*) AS agents FROM agents GROUP BY ALL ORDER BY 1'],
      {
        compare: 'shape',
        must: [/atlas/],
      },
    ),
    vc('--config demo.toml watch --count 1', { compare: 'shape', must: [/^\{"/m], lines: 6 }),
    vc('--config demo.toml robot machine atlass --json', { exit: 2 }),
    CTRL_C,
  ],
}

const ANSWERS: Chapter = {
  title: 'What the exit code says',
  words:
    '0 answered, 1 fault, 2 usage or configuration, 3 answered but stale, 4 refused, 5 effect unknown, 124 timed out ([exit-codes.md](exit-codes.md)).',
  steps: [
    vc('stauts', { exit: 2 }),
    vc('robot accunts', { exit: 2 }),
    vcArgs(['query', 'DROP TABLE scrapes'], { exit: 4 }),
  ],
}

/** The tour, in the order of a first try. */
export const CHAPTERS: readonly Chapter[] = [THIS_MACHINE, CONFIGURATION, OVER_SSH, DEMO, ANSWERS]
