import { commands } from './commands/index.ts'

/** How vc is typed: by its name where it is installed, through npm in the folder of a checkout. */
export type TypedAs = 'vc' | 'npx vc'

type Env = Record<string, string | undefined>

/**
 * How this one is typed. What started it from a checkout says so, once: what vc starts must not take it for its own. In a
 * checkout `npx vc` says it itself.
 */
export function typedAs(env: Env, isCheckout: boolean): TypedAs {
  const said = env.VC_TYPED_AS
  delete env.VC_TYPED_AS
  const byNpx = env.npm_lifecycle_event === 'npx' && /^'?vc\b/.test(env.npm_lifecycle_script ?? '')
  return isCheckout && (said === 'npx vc' || byNpx) ? 'npx vc' : 'vc'
}

const NAMED = new RegExp(`(?<![\\w/.-]|npx )vc (?=(?:${commands.map(({ name }) => name).join('|')})\\b|--?[a-z])`, 'g')

/** Words of vc with the commands in them as they are typed here. */
export const asTyped = ({ typedAs: how = 'vc' }: { readonly typedAs?: TypedAs | undefined }, text: string): string =>
  how === 'vc' ? text : text.replace(NAMED, `${how} `)
