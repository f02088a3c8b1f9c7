-- Incidents, digests and the archive.

