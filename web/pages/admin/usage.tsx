// `/admin/usage`: what is used of the plans, what it comes to, and what one more check would cost.
import { humanDuration, parseDuration } from '#core/duration.ts';
import { about, bytes, exactly, percent } from '../../amounts.ts';
import type { Site } from '../../models.ts';
import { Gauge } from '../../parts/gauge.tsx';
import { LookRoomWords } from '../../parts/lookRoom.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Time } from '../../parts/time.tsx';
import type { AddedCost, Amounts, UsageModel, UsagePeriod } from '../../usageModel.ts';
import { count } from '../../words.ts';
import { AdminFrame } from './frame.tsx';

export interface UsagePageProps {
  site: Site;
  usage: UsageModel;
}

type Resource = keyof Amounts;

const TITLES: Record<Resource, string> = {
  rowsWritten: 'Rows written',
  rowsRead: 'Rows read',
  requests: 'Requests',
};

export function UsagePage({ site, usage }: UsagePageProps) {
  const { today, month, storage, flush, oneMoreCheck, asOf } = usage;
  return (
    <AdminFrame site={site} place="/admin/usage" title="Usage">
      <h1>Usage</h1>
      <Summary usage={usage} />
      <div class="gauges" id="gauges" data-refresh={site.refreshS}>
        <Period title="Today" until="midnight UTC" period={today} usage={usage} />
        <Period title="This month" until="its end" period={month} usage={usage} />
      </div>
      <section class="card form">
        <h2>Storage</h2>
        <dl>
          <Gauge
            title="Database"
            words={storageWords(storage)}
            used={storage.limit === null ? null : storage.bytes / storage.limit}
          />
        </dl>
      </section>
      <section class="card form">
        <h2>How often runners post</h2>
        <p>
          Every <strong>{everyWords({ interval: flush.every })}</strong>: {flush.why}.
        </p>
        <p class="soft">
          A change is posted at once whatever this says. When a day would take more than half of a
          plan, runners post every 30 s or 60 s by themselves, unless the settings say how often.
        </p>
      </section>
      {usage.fromWorker.on && <FromWorker room={usage.fromWorker} />}
      {usage.billed && <OneMoreCheck costs={oneMoreCheck} />}
      <p class="soft">
        As of <Time at={asOf} />. {comparedWith(usage)}{' '}
        <a href="/admin/settings#plans">Change the plan</a>
      </p>
    </AdminFrame>
  );
}

/** The whole in one sentence. */
function Summary({ usage }: { usage: UsageModel }) {
  const { today, month, billed } = usage;
  const worst = [...sharesOf(today), ...sharesOf(month)].sort((a, b) => b.share - a.share)[0];
  if (!worst) {
    return (
      <p class="lead">
        {billed
          ? 'What is used is counted; there is no plan with limits to compare it with.'
          : 'The database is a file of your own: rows cost nothing and are not counted.'}
      </p>
    );
  }
  const { share, resource } = worst;
  const { title, beyond } = resource === 'requests' ? usage.plans.worker : usage.plans.database;
  const what = TITLES[resource].toLowerCase();
  if (share > 1) {
    const then = beyond === 'blocked' ? 'it then stops answering' : 'more is billed';
    return (
      <p class="said bad">
        <Shape of="down" /> At this pace {what} come to {percent(share)} of {title}: {then}.
      </p>
    );
  }
  return (
    <p class="lead">
      At this pace {what} come to {percent(share)} of {title}; everything else takes less.
    </p>
  );
}

function sharesOf({ counted, projected, limits }: UsagePeriod) {
  return (Object.keys(TITLES) as Resource[]).flatMap((resource) => {
    const limit = limits[resource];
    return limit === null ? [] : [{ resource, share: (projected ?? counted)[resource] / limit }];
  });
}

interface PeriodProps {
  title: string;
  until: string;
  period: UsagePeriod;
  usage: UsageModel;
}

function Period({ title, until, period, usage }: PeriodProps) {
  const shown = (Object.keys(TITLES) as Resource[]).filter(
    (resource) => usage.billed || resource === 'requests',
  );
  return (
    <section class="card form">
      <h2>{title}</h2>
      <dl>
        {shown.map((resource) => (
          <ResourceGauge resource={resource} period={period} until={until} />
        ))}
      </dl>
    </section>
  );
}

function ResourceGauge(props: { resource: Resource; period: UsagePeriod; until: string }) {
  const { resource, period, until } = props;
  const { counted, projected, limits } = period;
  const [limit, soFar, comesTo] = [limits[resource], counted[resource], projected?.[resource]];
  const parts = [
    `${exactly(soFar)} so far`,
    comesTo === undefined
      ? 'too early to say what it comes to'
      : `about ${about(comesTo)} by ${until}`,
    ...(limit === null ? [] : [`of ${about(limit)}`]),
  ];
  const share = (n: number) => (limit === null ? null : n / limit);
  return (
    <Gauge
      title={TITLES[resource]}
      words={parts.join(', ')}
      used={share(soFar)}
      expected={comesTo === undefined ? null : share(comesTo)}
    />
  );
}

function storageWords({ bytes: held, counted, limit }: UsageModel['storage']): string {
  const is = counted ? bytes(held) : `about ${bytes(held)} (estimated)`;
  return limit === null ? is : `${is} of ${bytes(limit)}`;
}

/** What a run of the worker may ask outside is limited, not billed. */
function FromWorker({ room }: { room: UsageModel['fromWorker'] }) {
  return (
    <section class="card form" id="from-worker">
      <h2>This worker’s own looks</h2>
      <dl>
        <Gauge
          title="Looks a minute"
          words={`about ${about(Math.ceil(room.wanted))} of ${room.most}`}
          used={room.wanted / room.most}
        />
      </dl>
      <p class="soft">
        <LookRoomWords room={room} />
      </p>
    </section>
  );
}

function OneMoreCheck({ costs }: { costs: readonly AddedCost[] }) {
  return (
    <section class="card form" id="one-more">
      <h2>What one more check would cost</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Every</th>
            <th scope="col">Rows a day</th>
            <th scope="col">Requests a day</th>
            <th scope="col">Of the plan</th>
          </tr>
        </thead>
        <tbody>
          {costs.map((cost) => (
            <tr>
              <th scope="row">{everyWords(cost)}</th>
              <td>{about(cost.rowsWritten)}</td>
              <td>{cost.requests === 0 ? 'none' : about(cost.requests)}</td>
              <td>{cost.share === null ? 'no limit' : percent(cost.share)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="soft">
        From {count(costs[0]?.locations ?? 0, 'location')}. Checks share posts: the first ones cost
        most.
      </p>
    </section>
  );
}

/** "1 min" */
function everyWords({ interval }: Pick<AddedCost, 'interval'>): string {
  return humanDuration(parseDuration(interval) ?? 0);
}

/** "A check every 1 min from 3 locations adds about 3,000 rows a day: 1 % of your plan." */
export function oneMoreWords({ interval, locations, rowsWritten, share }: AddedCost): string {
  const of = share === null ? '' : `: ${percent(share)} of your plan`;
  return `A check every ${everyWords({ interval })} from ${count(locations, 'location')} adds about ${about(rowsWritten)} rows a day${of}.`;
}

function comparedWith({ plans: { database, worker } }: UsageModel): string {
  const words = [database, worker].map(({ title, asOf }) =>
    asOf === null ? `your ${title}` : `${title} (its limits as of ${asOf})`,
  );
  return `Compared with ${words.join(' and ')}.`;
}
