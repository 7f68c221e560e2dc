// `/admin/deliveries`: every message owed, sent or given up.
import type { DeliveryModel } from '../../adminModels.ts';
import type { Site } from '../../models.ts';
import { Shape, type ShapeName } from '../../parts/shape.tsx';
import { Time } from '../../parts/time.tsx';
import { count } from '../../words.ts';
import { AdminFrame } from './frame.tsx';

export interface DeliveriesPageProps {
  site: Site;
  deliveries: readonly DeliveryModel[];
  next: number | null;
}

export function DeliveriesPage({ site, deliveries, next }: DeliveriesPageProps) {
  return (
    <AdminFrame site={site} place="/admin/deliveries" title="Deliveries">
      <h1>Deliveries</h1>
      <div id="list" data-refresh={site.refreshS}>
        {deliveries.length === 0 ? (
          <p class="lead">Nothing has been owed to any channel yet.</p>
        ) : (
          <ol class="card rows deliveries">
            {deliveries.map((delivery) => (
              <Delivery delivery={delivery} />
            ))}
          </ol>
        )}
      </div>
      {next !== null && (
        <p class="pager">
          <a class="button" href={`/admin/deliveries?before=${next}`}>
            Older
          </a>
        </p>
      )}
    </AdminFrame>
  );
}

const SHAPES: Record<DeliveryModel['status'], ShapeName> = {
  sent: 'up',
  owed: 'unknown',
  failed: 'down',
};

function Delivery({ delivery }: { delivery: DeliveryModel }) {
  const { id, channel, subject, status, receipt, error, createdAt } = delivery;
  return (
    <li>
      <Shape of={SHAPES[status]} />
      <p class="what">
        <b>{subject}</b>
        <span class="soft">
          {' '}
          to {channel}, <Time at={createdAt} />, no. {id}
        </span>
      </p>
      <p class="how">
        <Outcome delivery={delivery} />
        {status === 'sent' && receipt && <span class="soft"> Receipt: {receipt}</span>}
        {status !== 'sent' && error && <span class="soft"> {error}</span>}
      </p>
    </li>
  );
}

function Outcome({ delivery: { status, attempts, dueAt, sentAt } }: { delivery: DeliveryModel }) {
  const tries = attempts > 1 ? ` at attempt ${attempts}` : '';
  if (status === 'sent') {
    return (
      <strong class="up">
        Sent{tries}
        {sentAt !== null && (
          <>
            {', '}
            <Time at={sentAt} />
          </>
        )}
      </strong>
    );
  }
  if (status === 'failed') {
    return <strong class="down">Given up after {count(attempts, 'attempt')}</strong>;
  }
  return (
    <strong class="unknown">
      {attempts === 0 ? 'Owed' : `Owed; ${count(attempts, 'attempt')} failed`}, next at{' '}
      <Time at={dueAt} />
    </strong>
  );
}
