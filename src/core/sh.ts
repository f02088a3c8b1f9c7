/**
 * POSIX sh text in a template literal. Backslashes stay as written; only `\${` and a backslash before a backtick are
 * undone, because a template would otherwise read them itself. Values of other machines never enter script text: they
 * travel as encoded arguments and are read as "$1".
 */
export const sh = (text: TemplateStringsArray): string => text.raw.join('').replace(/\\(\$\{|`)/g, '$1')
