// Plain JavaScript for Node 20: the first thing a fresh clone runs. Installs when needed, finds a Node that can run
// TypeScript sources, and hands over. Everything else is TypeScript.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const [verb = 'start', ...rest] = process.argv.slice(2)

/** Node 22.18 is the first that runs TypeScript without a flag. */
const runsTypeScript = (version) => {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  return major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18)
}

const bundledNode = () => {
  const file = join(ROOT, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  return existsSync(file) ? file : null
}

const installed = () => {
  const mark = join(ROOT, 'node_modules', '.package-lock.json')
  if (!existsSync(mark)) return false
  return statSync(mark).mtimeMs >= statSync(join(ROOT, 'package-lock.json')).mtimeMs || sameLock(mark)
}

// A checkout touches package-lock.json without changing it: compare what it pins before installing again.
const sameLock = (mark) => {
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages
  const present = JSON.parse(readFileSync(mark, 'utf8')).packages
  const asPinned = ([path, at]) => wanted[path]?.version === at.version
  // Packages of other platforms are optional and rightly absent.
  const there = ([path, at]) => path === '' || at.optional === true || present[path] !== undefined
  return Object.entries(present).every(asPinned) && Object.entries(wanted).every(there)
}

// Two installs at once tear each other's node_modules apart. Beside that folder, because npm ci takes it away.
const LOCK = join(ROOT, '.installing.lock')
const OLDEST_MS = 30 * 60_000

const alive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Who installs: a pid, 0 while its file is being written, null when it is gone or so old that its pid is another's. */
const installer = (file = LOCK) => {
  try {
    const ageMs = Date.now() - statSync(file).mtimeMs
    const pid = Number(readFileSync(file, 'utf8'))
    return ageMs < OLDEST_MS && (pid === 0 ? ageMs < 10_000 : alive(pid)) ? pid : null
  } catch {
    return null
  }
}

/** True when the lock is ours; false when somebody has it. A folder that cannot be written is for npm to name. */
const takeLock = () => {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    return error.code !== 'EEXIST'
  }
}

// Moved away first: of two that find the same dead holder, one moves it; a lock taken in between goes back.
const clearDead = () => {
  const aside = `${LOCK}.${process.pid}`
  try {
    renameSync(LOCK, aside)
    if (installer(aside) !== null) linkSync(aside, LOCK)
    rmSync(aside, { force: true })
  } catch {
    // The other one was quicker.
  }
}

const installOnce = () => {
  for (let told = false; !takeLock(); ) {
    const pid = installer()
    if (pid === null) {
      clearDead()
      continue
    }
    if (!told && pid > 0)
      process.stderr.write(`vc: another start (pid ${pid}) is installing dependencies; waiting for it …\n`)
    told ||= pid > 0
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
  }
  process.on('exit', () => rmSync(LOCK, { force: true }))
  if (!installed()) {
    install()
    keepCompiled()
  }
  rmSync(LOCK, { force: true })
  process.removeAllListeners('exit')
}

const install = () => {
  process.stderr.write('vc: installing dependencies (npm ci), once …\n')
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (npm.status !== 0) {
    process.stderr.write(
      'vc: npm ci failed (its words stand above)\n  fix: mend what it names, then run the same command again\n',
    )
    process.exit(1)
  }
}

// npm ci takes node_modules away first, also from under who started this and runs from there.
const refuseInstall = () => {
  process.stderr.write(
    'vc: node_modules is not what package-lock.json names\n  fix: npm ci, then run the same command again\n',
  )
  process.exit(1)
}

// The first start would else parse every source file of the program, at a time when somebody waits for a table.
const keepCompiled = () => {
  const warm = [join(ROOT, 'scripts', 'keep-compiled.ts')]
  spawnSync(node(), warm, { cwd: ROOT, stdio: 'ignore', timeout: 60_000 })
}

const node = () => {
  if (runsTypeScript(process.version)) return process.execPath
  const found = bundledNode()
  if (found) return found
  process.stderr.write(
    `vc: this machine has Node ${process.version} and npm did not run the install script that brings a newer one\n` +
      '  fix: install Node >= 22.18, or run `npm rebuild node` and start again\n',
  )
  process.exit(1)
}

const TARGETS = {
  start: () => ['bin/vc.js', 'up', ...rest],
  demo: () => ['bin/vc.js', 'up', '--demo', ...rest],
  dev: () => ['--watch', 'bin/vc.js', 'up', '--demo', ...rest],
  vc: () => ['bin/vc.js', ...rest],
  test: () => [join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...rest],
  run: () => rest,
}

const target = TARGETS[verb]
if (!target) {
  process.stderr.write(`vc: scripts/start.mjs knows ${Object.keys(TARGETS).join(', ')}; got ${verb}\n`)
  process.exit(2)
}
if (!installed()) {
  if (process.env.VC_NO_INSTALL !== undefined) refuseInstall()
  installOnce()
}

const binary = node()
const child = spawn(binary, target(), {
  cwd: verb === 'vc' ? process.cwd() : ROOT,
  stdio: 'inherit',
  env: {
    ...process.env,
    PATH: `${dirname(binary)}:${process.env.PATH ?? ''}`,
    VC_CALLER_CWD: process.cwd(),
    // The cockpit names commands to type next, and no shell finds vc here. A test must not be told so.
    ...(['start', 'demo', 'dev'].includes(verb) ? { VC_TYPED_AS: 'npx vc' } : {}),
  },
})
// Ctrl-C reaches the child through the terminal's process group; a plain kill does not.
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
process.on('SIGINT', () => {})
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
