// Backup and restore: a section of the settings, and the page that says what a backup would change before it does.
import { NOTHING_TYPED, type Typed } from '../../form/errors.ts';
import type { Site } from '../../models.ts';
import { ErrorSummary, Tick } from '../../parts/field.tsx';
import { count } from '../../words.ts';
import { AdminFrame } from './frame.tsx';

export interface BackupChange {
  what: 'setting' | 'location' | 'host' | 'check' | 'channel' | 'rule' | 'maintenance';
  name: string;
  change: 'created' | 'changed' | 'left' | 'removed';
  fields?: string[];
}

export function BackupSection({ typed }: { typed: Typed }) {
  return (
    <section class="card form" id="backup">
      <h2>Backup</h2>
      <p>
        Settings, locations, hosts with their checks, channels and rules, as one file. Passwords and
        tokens are never in it, nor are the keys of runners.
      </p>
      <div class="deeds">
        <a class="button" href="/api/v1/backup" download>
          Download
        </a>
        <a class="button" href="/api/v1/backup?full" download>
          Download with history
        </a>
      </div>
      <form method="post" action="/admin/backup" enctype="multipart/form-data" class="restore">
        <ErrorSummary typed={typed} fields={[]} />
        <div class="field">
          <label for="f-file">Restore from a file</label>
          <input
            id="f-file"
            name="file"
            type="file"
            accept=".json,.ndjson,application/json"
            required
            aria-describedby="h-file"
          />
          <p class="hint" id="h-file">
            History is restored by <code>npm run anyup -- restore file</code>; of such a file this
            takes what is set up.
          </p>
        </div>
        <Tick
          name="replace"
          title="Remove what the backup does not have"
          typed={NOTHING_TYPED}
          value={false}
        />
        <button type="submit">Show what it would change</button>
      </form>
    </section>
  );
}

export interface RestorePreviewProps {
  site: Site;
  /** The backup itself, sent again when it is to be restored. */
  document: string;
  replace: boolean;
  changes: readonly BackupChange[];
  warnings: readonly string[];
}

const TITLES = { removed: 'Removed', changed: 'Changed', created: 'Added' } as const;

export function RestorePreviewPage(props: RestorePreviewProps) {
  const { site, document, replace, changes, warnings } = props;
  const of = (change: BackupChange['change']) => changes.filter((each) => each.change === change);
  const left = of('left').length;
  const idle = left === changes.length;
  return (
    <AdminFrame site={site} place="/admin/settings" title="Restore a backup" warnings={warnings}>
      <p class="crumbs">
        <a href="/admin/settings#backup">Settings</a>
      </p>
      <h1>Restore a backup</h1>
      <p class="lead">
        {idle
          ? 'Everything in it is here already: nothing would change.'
          : 'Nothing is changed yet. Restoring would change this:'}
      </p>
      {(['removed', 'changed', 'created'] as const).map((change) => (
        <Changes title={TITLES[change]} changes={of(change)} />
      ))}
      {left > 0 && !idle && (
        <p class="soft">
          {count(left, 'thing')} would stay as {left === 1 ? 'it is' : 'they are'}.
        </p>
      )}
      {!idle && (
        <form method="post" action="/admin/backup" enctype="multipart/form-data" class="deeds sure">
          <textarea name="document" hidden>
            {document}
          </textarea>
          {replace && <input type="hidden" name="replace" value="yes" />}
          <button type="submit" class="primary" name="sure" value="yes">
            Restore
          </button>
          <a class="button quiet" href="/admin/settings#backup">
            Leave everything as it is
          </a>
        </form>
      )}
    </AdminFrame>
  );
}

function Changes({ title, changes }: { title: string; changes: readonly BackupChange[] }) {
  if (changes.length === 0) return null;
  return (
    <section class="group">
      <h2>
        {title} ({changes.length})
      </h2>
      <ul class="card rows plain">
        {changes.map(({ what, name, fields = [] }) => (
          <li>
            <p>
              {name} <span class="soft">{[what, ...fields].join(' · ')}</span>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
