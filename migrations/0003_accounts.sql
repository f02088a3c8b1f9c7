-- Accounts: what caut and caam say of them, and the one identity they are joined to.

