// A refusal or an error, for people.
import type { Child } from 'hono/jsx';
import { Document } from '../document.tsx';
import type { Site } from '../models.ts';

export interface ProblemPageProps {
  site: Site;
  status: number;
  /** What went wrong, as a sentence. */
  title: string;
  detail?: string | undefined;
  /** What to do next. */
  children?: Child;
  /** Names the request in the log. */
  requestId?: string | undefined;
}

export function ProblemPage(props: ProblemPageProps) {
  const { site, status, title, detail, children, requestId } = props;
  return (
    <Document site={site} title={title} icon="unknown">
      <main id="main" class="narrow">
        <p class="code">{status}</p>
        <h1>{title}</h1>
        {detail !== undefined && detail !== title && <p class="lead">{detail}</p>}
        {children ?? (
          <p>
            <a class="button" href="/">
              To the status page
            </a>
          </p>
        )}
        {requestId !== undefined && (
          <p class="soft">
            Request <code>{requestId}</code>: look for it in the log.
          </p>
        )}
      </main>
    </Document>
  );
}
