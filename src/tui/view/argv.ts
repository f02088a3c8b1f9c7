// Quotes, substitutions and pipes are for a shell; what needs one is copied by a person, not run from here.
const NEEDS_SHELL = /["'$`|<>;&\\]/

/** A suggested command as words after `vc`; null when it is none of vc, has a blank to fill in or needs a shell. */
export const argvOf = (command: string | null): readonly string[] | null =>
  command?.startsWith('vc ') && !NEEDS_SHELL.test(command) ? command.trim().split(/\s+/).slice(1) : null
