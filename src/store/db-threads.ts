/**
 * Threads unless vc.toml says more. More gain on big scans only and cost on every small one; and with two, one window
 * query of DuckDB 1.5 in some hundreds ends in an internal error (duckdb#22352).
 */
export const DB_THREADS = 1
