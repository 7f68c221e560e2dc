// `npm run migrate`: brings the database up to date, the one TURSO_DATABASE_URL names or the file in ANYUP_DATA.
import { readSettings } from '#worker/config.ts';
import { readEnvironment } from './environment.ts';
import { openDatabase, shown } from './server/database.ts';
import { main } from './server/main.ts';

await main(async () => {
  const settings = readSettings(process.env);
  const { dataFolder } = readEnvironment(process.env);
  const db = await openDatabase(settings, dataFolder);
  db.$client.close();
  console.log(`${shown(settings.TURSO_DATABASE_URL ?? `${dataFolder}/anyup.db`)} is up to date`);
});
