#!/usr/bin/env node
// What the npm package runs: tells whoever has an older Node, which cannot even read the runner, what is missing. So it
// is written in what every Node reads.
const NEEDS = '22.12';
const [major, minor] = process.versions.node.split('.').map(Number);
const [needsMajor, needsMinor] = NEEDS.split('.').map(Number);

if (major > needsMajor || (major === needsMajor && minor >= needsMinor)) {
  await import('./anyup.mjs');
} else {
  console.error(
    `anyup: Node ${process.versions.node} is too old; the runner needs ${NEEDS} or newer: https://nodejs.org/en/download`,
  );
  process.exit(1);
}
