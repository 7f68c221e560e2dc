import { deadmanTest, type Rank } from '#core/deadman.ts';
import { formatDuration } from '#core/duration.ts';
import { utcText } from '#core/instant.ts';
import { Assignments } from '../assignments.ts';
import { SettingError } from '../config.ts';
import { speech } from '../deadman/speech.ts';
import { readDeadman } from '../deadman/store.ts';
import { readRunnerFile } from '../guard/file.ts';
import type { Guard } from '../guard/guarded.ts';
import { loadIdentity } from '../keys.ts';
import { nodeDisk } from '../node/disk.ts';
import { nodePlatform } from '../node/platform.ts';
import { type Exam, type Finding, fail, ok, type Subject, warn } from './finding.ts';

/** The runner's own file: can it be read, and does it tell people when the worker is gone? */
export const deadman: Exam = async (subject) => {
  const { path, isNamed } = subject.runnerFile;
  let guard: Guard;
  try {
    guard = await readRunnerFile(path, isNamed);
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    return fail('own file', error.message, 'Mend it; until then the runner does not start.');
  }
  const file = ok('own file', guard.from === null ? `none at ${path}: defaults hold` : guard.from);
  return [file, ...relay(guard), ...(await watching(subject, guard))];
};

function relay({ relay: names }: Guard): Finding[] {
  if (names.length === 0) return [];
  return [ok('relay', `the worker may have messages sent by ${names.join(', ')}`)];
}

async function watching(subject: Subject, guard: Guard): Promise<Finding[]> {
  if (guard.deadman === null) {
    const none = 'not set: this runner tells nobody when the worker is gone';
    if (!subject.testDeadman) return [ok('dead-man', none)];
    const mend = 'Name channels under "deadman" in its own file (docs/runner-file.md).';
    return [fail('dead-man', none, mend)];
  }
  const { channels, afterMs } = guard.deadman;
  const rank = await rankOf(subject);
  const turn = rank === null ? 'its rank is not known yet' : `rank ${rank.rank} of ${rank.of}`;
  const waits = formatDuration(afterMs * (1 + (rank?.rank ?? 0)));
  const says = `tells ${channels.join(', ')} when the worker is gone for ${waits} (${turn})`;
  return [
    ok('dead-man', says),
    ...(await remembered(subject)),
    ...(subject.testDeadman ? await test(subject, guard, channels, rank) : []),
  ];
}

async function rankOf({ dataFolder }: Subject): Promise<Rank | null> {
  const disk = nodeDisk(dataFolder);
  const known = await loadIdentity({ disk }).catch(() => null);
  if (known === null) return null;
  const assignments = new Assignments({ disk, log: () => {} }, known.runnerId);
  await assignments.load();
  return assignments.rank;
}

/** What the runner itself wrote down: an alarm that stands, and channels that take nothing. */
async function remembered({ dataFolder }: Subject): Promise<Finding[]> {
  const { state, failures } = await readDeadman(nodeDisk(dataFolder));
  const found: Finding[] = Object.entries(failures).map(([name, { at, error }]) => {
    const mend = 'Correct the channel in its own file, restart the runner, then --deadman-test.';
    return warn('dead-man', `${name} took no message at ${utcText(at)}: ${error}`, mend);
  });
  if (state.alarm === null) return found;
  const told = state.alarm.told.join(', ') || 'nobody yet';
  const since = state.sinceAt === null ? '' : ` since ${utcText(state.sinceAt)}`;
  const mend = 'Look at the worker; it is taken back by itself once the worker is well.';
  return [...found, warn('dead-man', `its alarm stands${since}; told: ${told}`, mend)];
}

async function test(
  subject: Subject,
  { channels }: Guard,
  names: readonly string[],
  rank: Rank | null,
): Promise<Finding[]> {
  const { dataFolder, telegramApiUrl } = subject;
  const platform = nodePlatform({ folder: dataFolder, probe: refuse, log: () => {} });
  const known = await loadIdentity(platform).catch(() => null);
  const speaker = {
    url: subject.url ?? 'an address that is not known yet',
    runner: known?.name ?? 'not joined yet',
    location: known?.location ?? '',
    rank,
  };
  const message = speech(deadmanTest(speaker), speaker, Date.now());
  const { request } = platform;
  try {
    return await Promise.all(
      names.map(async (name) => {
        const result = await channels.send(name, message, { request, telegramApiUrl });
        if (result.ok) return ok('dead-man', `${name} took a test message (${result.receipt})`);
        const mend = 'Correct the channel in its own file, and try again.';
        return fail('dead-man', `${name} took no test message: ${result.error}`, mend);
      }),
    );
  } finally {
    await platform.close();
  }
}

function refuse(): never {
  throw new Error('the doctor does not probe');
}
