#!/usr/bin/env node
// Starts vc with whatever Node there is. Plain JavaScript that an old Node can still read, so that it can say it is old;
// CommonJS (bin/package.json), because an ES module as entry costs a third of what `vc robot` takes.
const { existsSync } = require('node:fs')
const { join } = require('node:path')

const path = (relative) => join(__dirname, relative)
const atLeast = (major, minor) => {
  const [haveMajor, haveMinor] = process.versions.node.split('.').map(Number)
  return haveMajor > major || (haveMajor === major && haveMinor >= minor)
}

const source = path('../src/main.ts')
const built = path('../dist/main.js')
const thin = path('../dist/robot.cjs')
const thinSource = path('../src/robot/thin.ts')
const ownNode = path('../node_modules/.bin/node')

/** The Node a checkout brings along takes over; signals and the exit code pass through. */
function rerun(node) {
  const child = require('node:child_process').spawn(node, process.argv.slice(1), {
    stdio: 'inherit',
    env: Object.assign({}, process.env, { VC_NODE_RERUN: '1' }),
  })
  // A terminal sends Ctrl-C to both of us already; sent twice it would mean "now, at once".
  const fromTerminal = (signal) => process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) {
    process.on(signal, () => fromTerminal(signal) || child.kill(signal))
  }
  child.on('error', (error) => {
    console.error(`vc: ${node} does not start: ${error.message}\n  fix: npm ci`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exitCode = code
    else {
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
    }
  })
}

/**
 * glibc reads its words at the start of a process only, so the process starts once more in its own place (same pid, no second
 * one). Having been read, they are taken away again: they are not meant for the programs vc starts.
 */
function shareHeaps({ GLIBC, FLAGS }) {
  if (process.env.VC_SHARED_HEAPS !== undefined) {
    delete process.env.VC_SHARED_HEAPS
    for (const word of Object.keys(GLIBC)) delete process.env[word]
    return
  }
  const isSet = (word) => process.env[word] !== undefined
  if (process.platform !== 'linux' || process.execve === undefined || Object.keys(GLIBC).some(isSet)) return
  const env = Object.assign({}, process.env, GLIBC, { VC_SHARED_HEAPS: '1' })
  process.execve(process.execPath, [process.execPath].concat(process.execArgv, FLAGS, process.argv.slice(1)), env)
}

/** The database reads its word when its library is loaded: here, so that the word is gone before any program is started. */
function loadDatabase({ DATABASE }) {
  const words = Object.keys(DATABASE)
  if (process.platform !== 'linux' || words.some((word) => process.env[word] !== undefined)) return
  Object.assign(process.env, DATABASE)
  try {
    require('@duckdb/node-bindings')
  } catch (_) {
    // Said where the store is opened.
  }
  for (const word of words) delete process.env[word]
}

/** The few modules that ask a running daemon; nothing else is loaded for them. Null: not here. */
async function thinWith(word) {
  const packed = existsSync(thin) ? require(thin) : {}
  if (packed[word]) return packed
  // No dist/, or one that was built before this word was known: its checkout knows it.
  if (!existsSync(thinSource) || !atLeast(22, 18)) return null
  keepCompiled()
  return import('../src/robot/thin.ts')
}

/** What a completing shell asks for; it waits. */
async function words(kind) {
  const program = await thinWith('words')
  if (program !== null) await program.words(kind)
}

/**
 * Sources are stripped of their types and parsed once, not at every start, which is half of what a start from a checkout
 * takes. Kept where only the owner of the checkout can write, because what is kept is run; where that cannot be written,
 * nothing is kept.
 */
function keepCompiled() {
  const { enableCompileCache } = require('node:module')
  if (enableCompileCache !== undefined && existsSync(path('../node_modules')))
    enableCompileCache(path('../node_modules/.cache/vc'))
}

/** The same for an installed program, in a cache of its user: a fifth of what most commands take. */
function keepBuilt(word) {
  const { enableCompileCache } = require('node:module')
  if (enableCompileCache === undefined || word === 'daemon') return
  const folder = require('./own-cache.js').ownCache(/^(collect|tui|up)$/.test(word))
  if (folder !== null) enableCompileCache(folder)
}

/** Node 22 calls its SQLite experimental at each start, on the stderr of every answer. */
function passOverExperimental() {
  const { emitWarning } = process
  process.emitWarning = (warning, ...more) => {
    if (more[0] !== 'ExperimentalWarning') emitWarning.call(process, warning, ...more)
  }
}

async function start() {
  passOverExperimental()
  const argv = process.argv.slice(2)
  if (argv[0] === 'daemon' && (argv[1] === undefined || argv[1].startsWith('-'))) {
    const heaps = require('./heaps.js')
    shareHeaps(heaps)
    loadDatabase(heaps)
  }
  // Before anything is read from the compiled: that is kept for one set of flags.
  if (argv[0] === 'collect')
    for (const flag of require('./one-look.js').FLAGS) require('node:v8').setFlagsFromString(flag)
  if (argv[0] === '__words') return words(argv[1])
  const asker = /^(robot|watch|status)$/.test(argv[0] || '') ? await thinWith('run') : null
  // Null: nobody answered, nothing was printed, the full program takes over.
  const code = asker === null ? null : await asker.run(argv)
  if (code !== null) {
    process.exitCode = code
    return
  }
  const fromSource = existsSync(source) && atLeast(22, 18)
  if (fromSource) keepCompiled()
  else keepBuilt(argv[0])
  const program = await import(fromSource ? '../src/main.ts' : '../dist/main.js')
  process.exitCode = await program.main(argv)
}

const canRun = atLeast(22, 13) && (existsSync(built) || (existsSync(source) && atLeast(22, 18)))
if (canRun) start()
else if (existsSync(ownNode) && process.env.VC_NODE_RERUN === undefined) rerun(ownNode)
else {
  const need = existsSync(source) && !existsSync(built) && atLeast(22, 13) ? '22.18 (or run: npm run build)' : '22.13'
  console.error(`vc: this is Node ${process.versions.node}; vc needs Node ${need} or newer`)
  console.error(
    '  fix: install a current Node from https://nodejs.org, or run "npm ci" in a checkout, which brings one along',
  )
  process.exitCode = 2
}
