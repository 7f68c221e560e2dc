// What every admin page stands in.
import type { Child } from 'hono/jsx';
import { Document } from '../../document.tsx';
import type { Site } from '../../models.ts';

const PLACES = [
  ['/admin/hosts', 'Hosts'],
  ['/admin/runners', 'Runners'],
  ['/admin/channels', 'Channels'],
  ['/admin/deliveries', 'Deliveries'],
  ['/admin/maintenance', 'Maintenance'],
  ['/admin/usage', 'Usage'],
  ['/admin/settings', 'Settings'],
] as const;

export type Place = (typeof PLACES)[number][0];

export interface AdminFrameProps {
  site: Site;
  place: Place;
  title: string;
  /** What was just done. */
  said?: string | null;
  /** What was accepted but may not be meant. */
  warnings?: readonly string[];
  reloadS?: number | undefined;
  children?: Child;
}

export function AdminFrame(props: AdminFrameProps) {
  const { site, place, title, said = null, warnings = [], reloadS } = props;
  return (
    <Document
      site={site}
      title={title}
      area="admin"
      islands={['admin.js']}
      reloadS={reloadS}
      header={<AdminHeader site={site} place={place} />}
    >
      <main id="main">
        {said !== null && (
          <p class="said good" role="status">
            {said}
          </p>
        )}
        {warnings.map((warning) => (
          <p class="said warn">{warning}</p>
        ))}
        {props.children}
      </main>
    </Document>
  );
}

function AdminHeader({ site, place }: { site: Site; place: Place }) {
  return (
    <header class="top">
      <a class="brand" href="/">
        {site.title}
      </a>
      <nav aria-label="Admin">
        {PLACES.map(([path, title]) => (
          <a href={path} aria-current={path === place ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <form method="post" action="/sign-out">
        <button type="submit" class="quiet">
          Sign out
        </button>
      </form>
    </header>
  );
}
