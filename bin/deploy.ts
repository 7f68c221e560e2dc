// `npm run deploy`: to Cloudflare Workers and Turso. Database first, then the worker, then the secrets it has not yet.
// With --dry-run it does everything that needs no account.
import { tmpdir } from 'node:os';
import { buildAssets } from './assets.ts';
import { missingSettings, readDeploySettings } from './deploy/settings.ts';
import { deployWorker, secretNames, storeSecrets } from './deploy/wrangler.ts';
import { main } from './server/main.ts';
import { makeSecrets } from './server/secrets.ts';
import { weighBundle } from './tools/bundle.ts';

const say = (line: string) => console.log(line);

async function rehearse(): Promise<void> {
  const missing = missingSettings(process.env);
  if (missing.length === 0) readDeploySettings(process.env);
  else for (const each of missing) say(`note: ${each}`);
  say('building …');
  await buildAssets();
  const { startKb, allKb } = await weighBundle();
  say(`the worker is ${allKb} KB gzip, ${startKb} of it loaded at once`);
  say('dry run: nothing was uploaded, the database was not touched');
}

async function deploy(): Promise<void> {
  const settings = readDeploySettings(process.env);
  const { url, databaseUrl, databaseToken } = settings;
  say('asking Cloudflare which secrets the worker has …');
  const held = await secretNames();
  say('building …');
  await buildAssets();
  await weighBundle();
  say('bringing the database up to date …');
  const { openDatabase } = await import('./server/database.ts');
  const named = { TURSO_DATABASE_URL: databaseUrl, TURSO_AUTH_TOKEN: databaseToken };
  const db = await openDatabase(named, tmpdir());
  db.$client.close();
  await deployWorker(url);

  const made = makeSecrets();
  const secret = settings.secret ?? (held.includes('ANYUP_SECRET') ? undefined : made.ANYUP_SECRET);
  const ownKey = held.includes('ANYUP_ACCESS_KEY') ? undefined : made.ANYUP_ACCESS_KEY;
  const accessKey = settings.accessKey ?? ownKey;
  say('storing the secrets …');
  await storeSecrets({
    ...named,
    ...(secret !== undefined && { ANYUP_SECRET: secret }),
    ...(accessKey !== undefined && { ANYUP_ACCESS_KEY: accessKey }),
  });
  say('');
  say(`  Status page   ${url}/`);
  say(`  Sign in       ${url}/admin`);
  if (settings.accessKey === undefined && accessKey !== undefined) {
    say(`  Access key    ${accessKey}`);
    say('                shown this once; keep it in your password manager');
  }
  say('');
}

await main(() => (process.argv.includes('--dry-run') ? rehearse() : deploy()));
