import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redact } from '../../src/core/redact.ts'

// Built from parts, so that no scanner takes this file for a leak.
const body = 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'
const SECRETS: readonly (readonly [string, string, string])[] = [
  ['an OpenAI key', `key is sk-${body}`, `sk-${body}`],
  ['an OpenAI project key', `sk-proj-${body}`, `sk-proj-${body}`],
  ['an Anthropic key', `sk-ant-api03-${body}-AA`, `sk-ant-api03-${body}-AA`],
  ['a Google key', `AIza${body}`, `AIza${body}`],
  ['a Slack token', `xoxb-123456789012-${body}`, `xoxb-123456789012-${body}`],
  ['a GitHub token', `ghp_${body}`, `ghp_${body}`],
  ['a GitHub fine-grained token', `github_pat_11${body}_x`, `github_pat_11${body}_x`],
  ['an npm token', `npm_${body}`, `npm_${body}`],
  ['an AWS key id', `AKIA${'ABCDEFGH12345678'}`, `AKIA${'ABCDEFGH12345678'}`],
  ['a JWT', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${body}`, `eyJzdWIiOiIxMjM0In0`],
  ['an environment assignment', 'export MY_API_KEY=hunter2hunter2 && run', 'hunter2hunter2'],
  ['a quoted assignment with blanks', 'DB_PASSWORD="correct horse battery" psql', 'correct horse battery'],
  ['a JSON field', '{"client_secret": "abc123xyz"}', 'abc123xyz'],
  ['an escaped-looking YAML field', 'password: swordfish99', 'swordfish99'],
  ['an Authorization header', 'curl -H "Authorization: Bearer abcdef123456" https://x', 'abcdef123456'],
  ['a Basic header', 'authorization: Basic dXNlcjpwYXNz', 'dXNlcjpwYXNz'],
  ['a cookie', 'Cookie: sid=abcdef; other=1', 'sid=abcdef'],
  ['a URL with a password', 'git clone https://bob:s3cr3tpw@github.com/x/y', 's3cr3tpw'],
  ['a connection string', 'postgres://app:p%40ss@db:5432/x', 'p%40ss'],
  ['a URL with a bare token', `https://${body}@github.com/x/y`, body],
  ['--token VALUE', 'vercel --token abcd1234efgh deploy', 'abcd1234efgh'],
  ['--password=VALUE', 'mysql --password=letmein22 db', 'letmein22'],
  ['--api-key "VALUE"', 'tool --api-key "my-key-1234" x', 'my-key-1234'],
  ['a PEM body', `x -----BEGIN RSA PRIVATE KEY-----\nMIIEow\n${body}\n-----END RSA PRIVATE KEY----- y`, 'MIIEow'],
  ['a PEM body that is cut off', `-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n${body}`, 'b3BlbnNzaC1rZXk'],
  ['a token of no known shape', `value ${body}Xy9 end`, `${body}Xy9`],
  ['a URL password with an @', 'https://bob:s3c@r3tpw@github.com/x/y', 'r3tpw'],
  ['a URL password with a slash', 'postgres://app:pa/s3cr3tpw@db/x', 's3cr3tpw'],
  ['JSON inside JSON', '{\\"client_secret\\": \\"abc 123 xyz\\"}', '123'],
  ['a quoted value that was cut off', 'DB_PASSWORD="correct horse bat', 'horse'],
  ['an arrow', "password => 'swordfish99'", 'swordfish99'],
  ['XML', '<password>swordfish99</password>', 'swordfish99'],
  ['a key of the environment', 'OPENAI_KEY=hunter2hunter2 run', 'hunter2hunter2'],
  ['a pass of the environment', 'export DB_PASS="hunter2 hunter2"', 'hunter2'],
  ['--pass VALUE', 'tool --pass letmein22', 'letmein22'],
  ['--passphrase VALUE', 'gpg --passphrase letmein22 -d x', 'letmein22'],
  ['an argv as JSON', '["tool","--token","letmein22"]', 'letmein22'],
  ['sshpass', 'sshpass -p letmein22 ssh x', 'letmein22'],
  ['mysql -p', 'mysql -uroot -pletmein22 db', 'letmein22'],
  ['curl -u', 'curl -s -u admin:letmein22 https://x', 'letmein22'],
  ['a netrc', 'machine x login y password letmein22', 'letmein22'],
  ['a signed address', 'https://a.example/c?sv=2020&sig=abc%2Bdef', 'abc%2Bdef'],
  ['a Slack webhook', `https://hooks.slack.com/services/T0/B0/${body.slice(0, 20)}`, body.slice(0, 20)],
  ['a Discord webhook', `https://discord.com/api/webhooks/1234567890/${body}`, body],
  ['a Telegram bot', `https://api.telegram.org/bot123456789:${body}/sendMessage`, body],
  ['a GitLab runner token', `glrt-${body.slice(0, 20)}`, body.slice(0, 20)],
  ['a Stripe key', `sk_live_${body.slice(0, 24)}`, body.slice(0, 24)],
  ['a Vault token before a dot', `hvs.${body}.`, body],
  ['a token in hex with a known head', `dop_v1_${'0123456789abcdef'.repeat(4)}`, '0123456789abcdef'],
  ['an encrypted JWT', 'eyJhbGciOiJSU0Et.OKOawDo13gRp.48V1_ALb6US.5eym8TW_c8.XFBoMYUZ', '48V1_ALb6US'],
]

describe('a secret', () => {
  test.each(SECRETS)('that is %s is replaced by its length and a short hash', (_, text, secret) => {
    const safe = redact(text)
    expect(safe).not.toContain(secret)
    expect(safe).toMatch(/\[redacted \d+ #[0-9a-f]{6}\]/)
    expect(redact(safe)).toBe(safe)
  })

  test('keeps what stands around it', () => {
    expect(redact('export TOKEN=abcdefgh && npm test')).toMatch(
      /^export TOKEN=\[redacted 8 #[0-9a-f]{6}\] && npm test$/,
    )
    expect(redact('git clone https://bob:s3cr3tpw@github.com/x/y')).toMatch(
      /^git clone https:\/\/bob:\[redacted 8 #\w{6}\]@github\.com\/x\/y$/,
    )
  })

  test('leaves the same mark wherever it is met', () => {
    const mark = (text: string) => /\[redacted[^\]]*\]/.exec(redact(text))?.[0]
    expect(mark(`--token ghp_${body}`)).toBe(mark(`ghp_${body}`))
  })
})

describe('what is no secret stays', () => {
  const PLAIN = [
    'main',
    'claude --dangerously-skip-permissions --resume 0f3c9f2e-8f35-4d0b-9a4e-1f2a3b4c5d6e',
    '/home/dev/projects/Very-Long-Directory-Name-With-Many-Words/Src/Components2/index.ts',
    'commit 4ede627a9b1c2d3e4f5061728394a5b6c7d8e9f0',
    'max_tokens=4096 input_tokens: 1234',
    'https://github.com/owner/repo.git',
    'ssh://git@github.com/owner/repo',
    'feature/add-token-refresh-and-password-reset',
    'Do you want to proceed?',
    'https://example.org:8443/path',
    'token',
    'The author: someone',
  ]
  test.each(PLAIN)('%s', (text) => {
    expect(redact(text)).toBe(text)
  })
})

test('any text: no throw, nothing added twice, and time stays in proportion', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      const once = redact(text)
      expect(redact(once)).toBe(once)
    }),
    { numRuns: 500 },
  )
})

const PIECES = [
  'token',
  '=',
  ': ',
  '"',
  "'",
  '--password ',
  'Authorization: ',
  'Bearer ',
  'Cookie:',
  ' ',
  '\n',
  '[redacted 8 #0a1b2c]',
  'https://',
  'bob:',
  '@host',
  body,
  ` sk-${body}`,
  '-----BEGIN PRIVATE KEY-----',
  '-----END PRIVATE KEY-----',
  ';',
  '1234',
  'x',
]

test('any mixture of its own words is stable after one pass, and no known key survives', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }), (pieces) => {
      const once = redact(pieces.join(''))
      expect(redact(once)).toBe(once)
      expect(once).not.toContain(`sk-${body}`)
    }),
    { numRuns: 3000 },
  )
})

test.each([
  ['a'.repeat(200_000)],
  ['aB3'.repeat(70_000)],
  ['token='.repeat(30_000)],
  ['--token '.repeat(30_000)],
  ['eyJ'.repeat(60_000)],
  ['-----BEGIN PRIVATE KEY-----'.repeat(5000)],
  ['a://b:'.repeat(30_000)],
  ['password_'.repeat(20_000)],
  ['authorization: bearer '.repeat(8000)],
  ['-'.repeat(200_000)],
  ['a.'.repeat(100_000)],
  [`token${' '.repeat(200_000)}`],
  ['token="'.repeat(30_000)],
  ['a://b:/'.repeat(30_000)],
  ['mysql curl '.repeat(20_000)],
  ['A_KEY='.repeat(30_000)],
  [`token=${'\\'.repeat(200_000)}`],
])('a hostile text (%#) takes no quadratic time', (text) => {
  const started = process.cpuUsage()
  redact(text)
  const spent = process.cpuUsage(started)
  expect((spent.user + spent.system) / 1000).toBeLessThan(3000)
})

test('fingerprints of public keys stay, wherever a plus or slash falls', () => {
  for (const print of [
    'SHA256:H7tsNnGmrVZKJ3o7iTUnN9XCVqXPra6AuhAz0yy2Xmc',
    'SHA256:H7+sNnGmrVZKJ3o7iTUnN9XCVqXPra6AuhAz0yy/Xmc',
  ]) {
    expect(redact(`ssh-ed25519 ${print} (host)`)).toBe(`ssh-ed25519 ${print} (host)`)
  }
  expect(redact('H7tsNnGmrVZKJ3o7iTUnN9XCVqXPra6AuhAz0yy2Xmc')).toContain('[redacted 43')
})
