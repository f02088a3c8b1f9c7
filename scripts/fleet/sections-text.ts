const NONCE = 'de30de30de30de30'
const [RS, US] = [`\x1e${NONCE}`, `\x1f${NONCE}`]

/** What a script of src/collectors/tool-sections.ts prints: name, output and exit code of each command. */
export const sectionsText = (sections: readonly (readonly [string, string, number])[]): string =>
  [
    `vc-tool 1 ${NONCE}\n`,
    ...sections.map(([name, out, code]) => `${RS} ${name}\n${out}${US} ${code}\n`),
    `${RS} end`,
  ].join('')
