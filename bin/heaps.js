// What a daemon is started with, so that it holds little memory. Read by vc.js, and by the benches that start one as it does.

/**
 * glibc gives each thread its own heap and hands little of it back: a daemon lives with two, for 30 MB less, and gives back
 * what is free at their end from 256 KB on, for some MB more.
 */
exports.GLIBC = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '262144' }

/**
 * A quarter of the young heap of a default Node: a daemon lives for weeks, and what it starts with is garbage soon. With a
 * thousand machines half of it was 18 MB more, for no less CPU. Collected and compiled by its own thread: helpers finish
 * sooner and cost more, a fifth of a daemon's CPU for the one, with a thousand machines, and as much for the other, with two
 * hundred whose code is still new. The last word lets it give back what only its start needed (src/daemon/give-back.ts).
 */
exports.FLAGS = ['--max-semi-space-size=4', '--single-threaded', '--expose-gc']

/**
 * The database has an allocator of its own (jemalloc), which by default keeps for seconds what was given back. Where that goes
 * back at once a block is resident only as far as it was written: 16 MB less. What a thread asks for again and again it may
 * keep.
 */
exports.DATABASE = {
  DUCKDB_JE_MALLOC_CONF: 'dirty_decay_ms:0,muzzy_decay_ms:0,cache_oblivious:false,tcache_max:65536',
}
