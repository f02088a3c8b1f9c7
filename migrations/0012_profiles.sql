-- Profiles of agents, patterns of the swarm, key figures.

