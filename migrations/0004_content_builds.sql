-- Session search, builds, set-up checks and benchmarks: cass, rch, afsc, cloud_benchmarker.

