-- Alerts: what was sent to whom, silences, rules of the user.

