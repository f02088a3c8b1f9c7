/**
 * Where a child's program lies. From sources it is the TypeScript beside this file; the build keeps `dist/store/` and may
 * put this file into any folder of `dist/`.
 */
export const childEntry = (name: string): URL =>
  new URL(`../store/${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
