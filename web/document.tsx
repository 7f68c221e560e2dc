// The frame of every page.
import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import { asset } from './assets.ts';
import type { Site } from './models.ts';
import { iconAddress, type ShapeName, ShapeSheet } from './parts/shape.tsx';

export interface DocumentProps {
  site: Site;
  /** Before the site's own title in the window's title; absent on the status page itself. */
  title?: string;
  /** The status the tab's icon shows. */
  icon?: ShapeName;
  /** The class of the page's area. */
  area?: 'public' | 'admin' | 'plain';
  header?: Child;
  /** Without JavaScript the page loads itself anew after so many seconds. */
  reloadS?: number | undefined;
  /** Islands beside the one that every page has. */
  islands?: ReadonlyArray<'admin.js' | 'sign-in.js' | 'bars.js' | 'chart.js'>;
  /** Style sheets beside the one that every page has. */
  styles?: ReadonlyArray<'chart.css'>;
  children?: Child;
}

/** A whole page, beginning with its doctype. */
export function Document(props: DocumentProps) {
  const {
    site,
    title,
    icon = 'up',
    area = 'public',
    header,
    reloadS,
    islands = [],
    styles = [],
  } = props;
  return (
    <>
      {raw('<!DOCTYPE html>')}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>{title === undefined ? site.title : `${title} · ${site.title}`}</title>
          <meta name="color-scheme" content="light dark" />
          <link rel="icon" href={iconAddress(icon)} />
          <link rel="stylesheet" href={asset('app.css')} />
          {styles.map((name) => (
            <link rel="stylesheet" href={asset(name)} />
          ))}
          {reloadS !== undefined && (
            <noscript>
              <meta http-equiv="refresh" content={String(reloadS)} />
            </noscript>
          )}
          <script type="module" src={asset('page.js')} />
          {islands.map((name) => (
            <script type="module" src={asset(name)} />
          ))}
        </head>
        <body class={area}>
          <a class="skip" href="#main">
            Skip to content
          </a>
          <ShapeSheet />
          {header ?? <PublicHeader site={site} />}
          {props.children}
          <p id="said" class="unseen" role="status" />
          <footer class="foot">
            <p>
              Watched by Anyup. <span id="zone">Times are UTC.</span>
            </p>
          </footer>
        </body>
      </html>
    </>
  );
}

function PublicHeader({ site }: { site: Site }) {
  return (
    <header class="top">
      <a class="brand" href="/">
        {site.title}
      </a>
      <nav aria-label="Pages">
        <a href="/history">History</a>
        {site.signedIn ? <a href="/admin">Admin</a> : <a href="/sign-in">Sign in</a>}
      </nav>
    </header>
  );
}
