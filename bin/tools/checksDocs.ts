// docs/checks.md, made from the schemas of the kinds and the table of reasons: `npm run docs` writes it, `npm run check`
// says when it is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { KIND_NAMES, kindOf } from '#core/checks/index.ts';
import { REASONS } from '#core/reason.ts';
import { describeFields, type FieldSpec } from '#web/form/fields.ts';
import { commonFields } from '#worker/actions/hosts/input.ts';

const FILE = new URL('../../docs/checks.md', import.meta.url);

/** What every check has; a field without words here stops the program. */
const COMMON: Record<keyof typeof commonFields, string> = {
  name: 'shown beside the name of the host when it has several checks',
  interval: 'how often, `1s` to `1d` (default `60s`)',
  cron: 'when instead, five fields like `*/5 8-18 * * 1-5`, at most eight days apart; it goes before the interval',
  zone: 'the zone whose clock `cron` means (default `UTC`)',
  timeout:
    'no answer within it is down; at most the interval (default `10s`, or the interval if that is shorter)',
  retryAfter: 'how soon after the first failure it is looked at again (default `2s`)',
  failures: 'so many failures in a row make it down (default 2)',
  successes: 'so many successes in a row make it up again (default 1)',
  policy:
    'how locations are merged: `any` (default), `majority`, `all`, `{"type": "atLeast", "n": 2}`, `{"type": "required", "locations": […]}`',
  locations: '`all` (default), a list of names, or `{"tags": […]}`',
  runner: 'the name or id of the one runner that probes it',
  paused: 'nothing looks at it, nobody is told',
  tags: 'words to find it by, beside those of the host',
  invert:
    'must not answer: down when all is as expected, up when it is not; what could not be measured stays unknown',
};

const BEFORE = `# Checks

<!-- Made by \`npm run docs\` from core/checks and core/reason.ts: change those, not this. -->

A host has one check or several. Each is of a kind, and has a target. Fields go by the names below in the API; the form
shows their titles. Durations are written like \`250ms\`, \`30s\`, \`5m\`, \`1h30m\`, \`14d\`. Whatever is left out has its
default.

Before it is saved a check can be tried from any runner: the form (or \`POST /api/v1/tries\`) shows how long each part took,
what the certificate says, and every expectation with what came.
`;

const COMPARISONS = `
### What an answer is held against

\`jsonMatch\` and \`headerMatch\` take one comparison a line, all of which must hold:

\`\`\`
$.status == "ok"                 content-type contains json
$.queue.length < 10              age <= 60
$.items[0].id exists             x-cache != MISS
$["any name"] matches /^v2\\./    x-powered-by missing
\`\`\`

\`$\` is the whole document; \`.name\`, \`["any name"]\`, \`[0]\` and \`[-1]\` (from the end) go into it, \`.length\` of a list or a
text is its length. Comparisons: \`==\` \`!=\` \`<\` \`<=\` \`>\` \`>=\` \`contains\` \`lacks\` \`matches\` \`exists\` \`missing\`. In JSON a
text stands in double quotes; in headers it needs none.

An answer that comes packed (gzip, deflate, br) although the check asks for plain bodies is unpacked as far as \`maxBytes\`
when its body is looked at. Of a body the first 256 KiB are searched; JSON may have 4 MiB.

A token of \`oauth2\` is fetched once and kept until it runs out; the time that takes is not the target's. Headers that may
say who asks (cookies, keys, tokens) do not follow a redirect to another origin.

On https the days a certificate has left are charted as \`certificate\`. From \`expiryInfo\` on the check says so and is still
up (level 150); from \`expiryDegraded\` on, if that is set, it is degraded.
`;

/** Prose beneath the table of a kind's fields. */
const BESIDES: Partial<Record<string, string>> = { http: COMPARISONS };

export function checksDocs(): string {
  const common = Object.keys(commonFields).map((name) => {
    const words = COMMON[name as keyof typeof commonFields];
    if (words === undefined) throw new Error(`bin/tools/checksDocs.ts has no words for "${name}"`);
    return `| \`${name}\` | ${cell(words)} |`;
  });
  const kinds = KIND_NAMES.map((kind) => {
    const { title, fields } = kindOf(kind);
    return [
      `## ${kind}: ${title}\n`,
      table(['field', 'is', 'default'], describeFields(fields).map(fieldRow)),
      BESIDES[kind] ?? '',
    ].join('\n');
  });
  const reasons = Object.entries(REASONS).map(
    ([code, { publicText, mend }]) => `| \`${code}\` | ${cell(publicText)} | ${cell(mend)} |`,
  );
  return [
    BEFORE,
    '## Every check\n',
    table(['field', 'is'], common),
    '',
    ...kinds,
    '## Reasons\n',
    'Every reading says why, by a stable code. Codes that begin with `unable.` mean that the *runner* could not measure; they',
    'have no vote: the pages say which location cannot measure and why, and tell its owner what to do.\n',
    table(['code', 'in words', 'what to do'], reasons),
    '',
  ].join('\n');
}

function fieldRow({ name, title, hint, control, choices, required, fallback }: FieldSpec): string {
  const shape: Partial<Record<FieldSpec['control'], string>> = {
    choice: choices.map((each) => `\`${each}\``).join(', '),
    lines: 'a list of texts',
    pairs: 'names with values',
    number: 'a number',
  };
  const words = [title, hint, shape[control]].filter(Boolean).join('; ');
  const yes = fallback === '' ? 'no' : 'yes';
  const usual = control === 'yes' ? yes : fallback === '' ? '' : `\`${fallback}\``;
  return `| \`${name}\` | ${cell(words)} | ${required ? 'required' : cell(usual)} |`;
}

function table(heads: readonly string[], rows: readonly string[]): string {
  return [`| ${heads.join(' | ')} |`, `|${' --- |'.repeat(heads.length)}`, ...rows].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

export function writeChecksDocs(): void {
  writeFileSync(FILE, checksDocs());
}

/** Throws when docs/checks.md is not what the code says. */
export function compareChecksDocs(): string {
  if (readFileSync(FILE, 'utf8') === checksDocs()) return '';
  throw new Error('docs/checks.md is stale: npm run docs');
}

if (import.meta.main) writeChecksDocs();
