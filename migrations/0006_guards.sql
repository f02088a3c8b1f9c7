-- Mail, command guard, network and process triage: Agent Mail, dcg, rano, pt.

