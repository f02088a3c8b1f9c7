-- Repositories as ru and GitHub see them; settings of agents.

