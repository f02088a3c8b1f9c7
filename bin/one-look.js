// What `vc collect` tells the engine before its own code is compiled. Read by vc.js, and by the benches that start a look as it does.

/**
 * V8 compiles twice what is hot: fast, and once more at length (Turbofan). A look is over before that pays: of a first look at
 * a gigabyte of transcripts it was a seventh of the processor's time, and what the fast compiler (Maglev) made is no slower
 * where it matters. To put functions into others is work that a look does not live to earn back either
 * (0.97 of the time in pairs, +- 0.02). A Node without that one keeps what it has.
 */
const COMPILER = process.config.variables.v8_enable_maglev === 1 ? ['--no-turbofan', '--no-maglev-inlining'] : []

/**
 * A heap that may grow, up to a quarter of a gigabyte each, before the old part of it is collected: by default that was done
 * five times while 50 MB were in use. 0.97 of the time and of the processor's in pairs, +- 0.01, for 40 MB more at the peak.
 */
const MEMORY = ['--initial-old-space-size=256', '--min-semi-space-size=16', '--heap-growing-percent=1600']

exports.FLAGS = COMPILER.concat(MEMORY)
