-- Beads: issues, dependencies and what their graph says.

