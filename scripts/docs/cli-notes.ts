// What docs/cli.md says beyond the commands' own definitions: by the path of a command.
export const CLI_NOTES: { readonly [path: string]: string } = {
  postern: `\`npx postern COMMAND …\` in a project that has the package, \`npm run postern -- COMMAND …\` in a checkout. Node ≥ 22.12.

- Exit code 0: done. 1: refused, or failed. 2: bad usage; one line on standard error says what is wrong, nothing was done.
- What was asked for is on standard output, all else on standard error. \`--json\` answers in JSON, failures too:
  \`{"ok": false, "error": "…"}\`.
- No secret, token or signature is ever in the output, but where it is what was asked for: a token, a signed URL, new keys.
  Messages don't repeat what was typed, as it may be a secret in the wrong place.
- \`--help\` after any command shows its options and examples; this page is made from the same definitions.`,
}
