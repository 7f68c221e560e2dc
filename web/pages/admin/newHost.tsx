// `/admin/hosts/new?kind=`: a host and its first check, with everything that can be set.
import { checkFieldNames } from '../../form/check.ts';
import { NOTHING_TYPED, type Typed } from '../../form/errors.ts';
import type { Site } from '../../models.ts';
import { CheckFields, type Places } from '../../parts/checkFields.tsx';
import { ErrorSummary, TextField } from '../../parts/field.tsx';
import { TryOut } from '../../parts/tryOut.tsx';
import { kindTitle } from '../../words.ts';
import { AdminFrame } from './frame.tsx';

export interface NewHostProps {
  site: Site;
  kind: string;
  places: Places;
  typed?: Typed;
}

export function NewHostPage({ site, kind, places, typed = NOTHING_TYPED }: NewHostProps) {
  const title = `Add a host: ${kindTitle(kind)}`;
  const fields = ['hostName', 'group', ...checkFieldNames(kind)];
  return (
    <AdminFrame site={site} place="/admin/hosts" title={title}>
      <p class="crumbs">
        <a href="/admin/hosts">Hosts</a>
      </p>
      <h1>{title}</h1>
      <form method="post" action="/admin/hosts/new" class="card form">
        <input type="hidden" name="kind" value={kind} />
        <ErrorSummary typed={typed} fields={fields} />
        <div class="pair">
          <TextField name="hostName" title="Name of the host" typed={typed} required />
          <TextField name="group" title="Group" typed={typed} />
        </div>
        <CheckFields kind={kind} typed={typed} places={places} />
        <div class="deeds">
          <button type="submit" class="primary">
            Add host
          </button>
        </div>
        <TryOut kind={kind} typed={typed} places={places} />
      </form>
    </AdminFrame>
  );
}
