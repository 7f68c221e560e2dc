// `/admin/tries/:id`: a check tried before it is saved. Without JavaScript the page loads itself anew until it is over.
import type { TryModel } from '../../adminModels.ts';
import { NOTHING_TYPED, type Typed } from '../../form/errors.ts';
import type { Site } from '../../models.ts';
import { TextField } from '../../parts/field.tsx';
import { Proposal, TryOutcome } from '../../parts/try.tsx';
import { AdminFrame } from './frame.tsx';

export interface TryPageProps {
  site: Site;
  model: TryModel;
  /** The path and query of this page. */
  from: string;
  /** What would be saved; null for a check that is edited elsewhere. */
  host: { target: string; kind: string; name: string; group: string } | null;
  typed?: Typed;
}

export function TryPage({ site, model, from, host, typed = NOTHING_TYPED }: TryPageProps) {
  const reloadS = model.pollAfterMs === null ? undefined : Math.ceil(model.pollAfterMs / 1000);
  return (
    <AdminFrame site={site} place="/admin/hosts" title="Try" reloadS={reloadS}>
      <p class="crumbs">
        <a href="/admin/hosts">Hosts</a>
      </p>
      <h1>{host ? host.target : 'Try'}</h1>
      {host && <p class="lead">{host.kind}</p>}
      <TryOutcome model={model} from={from} target={host?.target ?? null} />
      {host ? (
        <form method="post" action="/admin/hosts" class="card form">
          <input type="hidden" name="target" value={host.target} />
          <Proposal model={model} target={host.target} />
          <div class="pair">
            <TextField
              name="name"
              title="Name"
              typed={typed}
              value={host.name}
              placeholder="as in the address"
            />
            <TextField name="group" title="Group" typed={typed} value={host.group} />
          </div>
          <div class="deeds">
            <button type="submit" class="primary">
              Save
            </button>
            <button type="submit" formaction="/admin/tries">
              Try again
            </button>
          </div>
        </form>
      ) : (
        <p class="soft">Nothing is saved yet: the form you came from still holds what you typed.</p>
      )}
    </AdminFrame>
  );
}
