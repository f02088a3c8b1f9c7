import type { CliContext } from './context.ts'
import type { CliDeps } from './deps.ts'

type Running = NonNullable<Awaited<ReturnType<CliDeps['pingDaemon']>>>

/** Whether a daemon runs the code this command runs; one that does not say which is older than the question. */
export const isOtherBuild = async (deps: CliDeps, running: Running): Promise<boolean> => {
  const own = await deps.ownBuild()
  return own !== null && running.build !== own
}

export const OTHER_BUILD_FIX = 'vc daemon stop, then vc daemon --detach (or restart its service)'

/** Says on stderr that an update did not reach the daemon yet. */
export const noteOtherBuild = async (ctx: CliContext, deps: CliDeps, running: Running): Promise<void> => {
  if (!(await isOtherBuild(deps, running))) return
  ctx.note({
    code: 'other_build',
    message: `the daemon (pid ${running.pid}) runs other code than this command: it was started before an update, or from another folder`,
    fix: OTHER_BUILD_FIX,
  })
}
