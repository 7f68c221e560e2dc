// `anyup runner doctor`: looks at everything a runner needs of its machine, and says how to mend what is amiss.
import { messageOf } from '../failure.ts';
import { identity, key, probes, spool } from './data.ts';
import { deadman } from './deadman.ts';
import { dns } from './dns.ts';
import { type Exam, type Finding, fail, type Subject } from './finding.ts';
import { icmp } from './icmp.ts';
import { files } from './limits.ts';
import { worker } from './worker.ts';

/** In the order in which they are told. */
const EXAMS: Record<string, Exam> = {
  key,
  identity,
  worker,
  dns,
  icmp,
  probes,
  deadman,
  spool,
  files,
};

export async function examine(subject: Subject): Promise<Finding[]> {
  const found = await Promise.all(
    Object.entries(EXAMS).map(async ([name, exam]) => {
      try {
        return await exam(subject);
      } catch (error) {
        return fail(
          name,
          `could not be looked at: ${messageOf(error)}`,
          'This is a defect of Anyup.',
        );
      }
    }),
  );
  return found.flat();
}

const MARKS = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' } as const;

/** For people; one line a finding, what to do beneath. */
export function report(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ name, grade, says, mend }) => [
    `${MARKS[grade]}  ${name.padEnd(12)}${says}`,
    ...(mend === undefined ? [] : [`${' '.repeat(18)}→ ${mend}`]),
  ]);
  const count = (grade: Finding['grade']) => findings.filter((each) => each.grade === grade).length;
  const [failed, warned] = [count('fail'), count('warn')];
  const sum = failed + warned === 0 ? 'All is well.' : `${failed} to mend, ${warned} to look at.`;
  return [...lines, '', sum].join('\n');
}

/** 0 = it can run (warnings are no failure), 1 = something must be mended. */
export function exitCodeOf(findings: readonly Finding[]): 0 | 1 {
  return findings.some(({ grade }) => grade === 'fail') ? 1 : 0;
}
