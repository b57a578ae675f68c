// What docs/cli.md says beyond the commands' own definitions: by the path of a command.
export const CLI_NOTES: { readonly [path: string]: string } = {
  postern: `\`npx postern COMMAND …\` in a project that has the package, \`npm run postern -- COMMAND …\` in a checkout. Node ≥ 22.12.

- Exit code 0: done. 1: refused, or failed. 2: bad usage; one line on standard error says what is wrong, nothing was done.
- What was asked for is on standard output, all else on standard error. \`--json\` answers in JSON, failures too:
  \`{"ok": false, "error": "…"}\`.
- No secret, token or signature is ever in the output, but where it is what was asked for: a token, a signed URL, new keys.
  Messages don't repeat what was typed, as it may be a secret in the wrong place.
- \`--help\` after any command shows its options and examples; this page is made from the same definitions.`,
  'postern presign': `What is signed is what \`aws s3 presign\` signs, byte for byte, with signatures of version 4: method, host, path, query,
headers. So is where it looks for credentials, region, endpoint and the addressing of buckets: the command line first, then
\`AWS_*\` of the environment, then the profile; keys of the environment go before \`AWS_PROFILE\`, and \`--profile\` before both.
The suite compares both on more than 300 command lines (\`test/vectors/aws-cli\`). On purpose different:

- A key with a segment \`.\` or \`..\` is refused: clients fold it away, and ask for another object.
- A life of more than seven days is refused, as S3 would refuse it.
- Always version 4. \`aws s3 presign\` signs version 2 where nothing is configured; such URLs fail in newer regions and for KMS.
- The parameters of the query are sorted; \`aws\` writes \`X-Amz-Security-Token\` after \`X-Amz-SignedHeaders\`. The signature is the same.
- A name that can be no host, with capitals or underscores, and any bucket at a numeric address is addressed by path.
- \`AWS_REGION\` counts, as in version 2 of the AWS command line and in the SDKs.
- Access points, accelerated, FIPS and dual-stack endpoints are not made: name the host with \`--endpoint-url\`.

As with \`aws s3 presign\` the host has no region unless \`--addressing\` or the profile's \`s3.addressing_style\` is set. Where a bucket is new,
or its region had to be opted into, use \`--addressing virtual\`: the host without a region may redirect, and a signature holds for one host.

A signed PUT binds what its options name and nothing else: without \`--content-length\` any size up to 5 GiB may come, without
\`--no-overwrite\` it replaces. All headers of the curl line must be sent, as each is signed. Some stores act on
\`x-amz-*\` headers that nobody signed, \`x-amz-copy-source\` among them ([providers.md](providers.md)): give the store’s name as \`--provider\` when
you hand a PUT or DELETE to others, and their absence is signed too.`,
  'postern explain': `Each finding has a stable code, which \`--json\` has too. A fault breaks the URL, a warning breaks it for somebody, or soon. The
exit code is 0 whatever is found. AWS tells in SignatureDoesNotMatch what it saw (CanonicalRequest); Ceph, R2 and others
don’t, and there the URL, its method and the headers that the client sends (\`--method\`, \`--header\`) are what can be judged.
Without the secret nobody can tell whether a signature is right: a URL with no finding can still be refused.`,
  'postern link create': `The conditions are those of [links.md](links.md). A password never stands on the command line, where others on the machine
could see it: it is generated, or read from a file. The session token comes from \`POSTERN_TOKEN\` or a file for the same reason.`,
  'postern link sign': `Nothing is asked of the gateway: whether it opens the link shows when it is opened. A password cannot be minted.
\`postern revoke --jti\` ends one such link, \`--sub\` all of a subject.`,
}
