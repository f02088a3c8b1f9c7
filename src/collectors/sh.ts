export { sh } from '../core/sh.ts'
