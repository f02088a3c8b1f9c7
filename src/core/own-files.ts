// Where the program's own files lie. After bundling, `import.meta.url` names some chunk, so a path beside "this file" is
// right in the sources only; every module, thread entry and data file that is found at run time is found from here.

/** `…/src/` or `…/dist/`, whichever this code runs from, for the URL of one of its modules. */
export const programRoot = (moduleUrl: string): URL => {
  const folder = moduleUrl.endsWith('.ts') ? '/src/' : '/dist/'
  return new URL(moduleUrl.slice(0, moduleUrl.lastIndexOf(folder) + folder.length))
}

const ROOT = programRoot(import.meta.url)
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

/**
 * A module of the program by its path below `src/`, without extension: `ownModule('transport/sqlite-job')`. It must be an
 * entry of the build: its name ends in `-job`, `-child` or `-worker`.
 */
export const ownModule = (path: string): URL => new URL(`${path}${EXTENSION}`, ROOT)

/** A file or folder of the package, beside `src/` or `dist/`: `packageFile('migrations')`. */
export const packageFile = (path: string): URL => new URL(`../${path}`, ROOT)

/** Where the code lies that runs. */
export const codeFolders = (): readonly URL[] => [ROOT, packageFile('migrations')]
