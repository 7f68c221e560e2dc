import { connect } from 'node:tls';
import { Agent } from 'undici';
import * as z from 'zod';
import { humanRtt } from '#core/duration.ts';
import { codeOf, messageOf } from '../failure.ts';
import { type Exam, type Finding, fail, ok, warn } from './finding.ts';

const TIMEOUT_MS = 10_000;
const MAX_SKEW_MS = 5000;
const CERT_WARN_DAYS = 7;
const DAY_MS = 86_400_000;

const healthSchema = z.looseObject({ status: z.string(), tick: z.string().optional() });

/** Is the worker there, is it Anyup, how far is its clock from ours, and how long does its certificate last? */
export const worker: Exam = async ({ url }) => {
  if (url === null) {
    const mend = 'Give ANYUP_URL (or --url), as the page "Runners" shows it.';
    return fail('worker', 'no address of a worker is known', mend);
  }
  const agent = new Agent();
  const sentAt = Date.now();
  try {
    const { origin, pathname } = new URL(`${url}/healthz`);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await agent.request({ origin, path: pathname, method: 'GET', signal });
    const receivedAt = Date.now();
    const parsed = healthSchema.safeParse(await answer.body.json().catch(() => null));
    const took = humanRtt((receivedAt - sentAt) * 1000);
    const here = answeredBy(url, answer.statusCode, took, parsed.success ? parsed.data : null);
    const date = Date.parse(String(answer.headers.date ?? ''));
    const skew = Number.isNaN(date) ? [] : [clock(date, sentAt, receivedAt)];
    return [here, ...skew, ...(await certificate(url))];
  } catch (error) {
    const says = `${url} does not answer (${codeOf(error) || messageOf(error)})`;
    const mend = 'Check the address, and what lies between: name, route, firewall, proxy.';
    return [fail('worker', says, mend), ...(await certificate(url))];
  } finally {
    await agent.destroy();
  }
};

function answeredBy(
  url: string,
  status: number,
  took: string,
  health: z.output<typeof healthSchema> | null,
): Finding {
  if (health === null) {
    const mend =
      'Something else answers there: a proxy, a captive portal, or the address is wrong.';
    return fail('worker', `${url} answers ${status}, but it is not Anyup`, mend);
  }
  if (status !== 200) {
    const mend = "Look at the worker's log: its database cannot be reached.";
    return fail('worker', `${url} says that it is ${health.status}`, mend);
  }
  if (health.tick === 'late') {
    const mend = "The worker's cron or clockwork has stopped: look at its log.";
    return warn('worker', `${url} answers after ${took}, but its tick is late`, mend);
  }
  return ok('worker', `${url} answers after ${took}`);
}

/** The header tells whole seconds. */
function clock(date: number, sentAt: number, receivedAt: number): Finding {
  const skewMs = Math.max(0, sentAt - (date + 1000), date - receivedAt);
  if (skewMs <= MAX_SKEW_MS) return ok('clock', "agrees with the worker's within seconds");
  const seconds = Math.round(skewMs / 1000);
  const ahead = sentAt > date ? 'ahead of' : 'behind';
  return warn(
    'clock',
    `${seconds} s ${ahead} the worker's`,
    "Results are stamped by the worker's clock all the same; still, run an NTP client here (timedatectl set-ntp true).",
  );
}

async function certificate(url: string): Promise<Finding[]> {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'https:') return [];
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: Number(port) || 443,
      ...(/[a-z]/i.test(host) && !host.includes(':') && { servername: host }),
      rejectUnauthorized: false,
      timeout: TIMEOUT_MS,
    });
    const done = (finding: Finding[]) => {
      socket.destroy();
      resolve(finding);
    };
    socket.on('error', () => done([]));
    socket.on('timeout', () => done([]));
    socket.on('secureConnect', () => {
      const { valid_to: validTo } = socket.getPeerCertificate();
      const days = Math.floor((Date.parse(validTo) - Date.now()) / DAY_MS);
      if (!socket.authorized) {
        const why = String(socket.authorizationError);
        const mend =
          'Serve the whole chain for this name, or name your own authority: NODE_EXTRA_CA_CERTS.';
        done([fail('certificate', `the worker's certificate is not trusted here (${why})`, mend)]);
      } else if (days < CERT_WARN_DAYS) {
        done([warn('certificate', `the worker's runs out in ${days} days`, 'Renew it.')]);
      } else done([ok('certificate', `the worker's is valid for ${days} days`)]);
    });
  });
}
