/** A runner and a worker of one version, over an outage of what the first check looks at. */
export interface Recording {
  version: string;
  /** The worker's address, as runners sign it. */
  aud: string;
  location: string;
  /** The runner joined by it. */
  code: string;
  /** As posted to the API. */
  host: unknown;
  /** After so many exchanges the worker's database was copied: down, not yet up again. */
  upgradeAfter: number;
  exchanges: Exchange[];
  /** The answer to a call that the worker does not know. */
  unknown: { status: number; body: string };
}

export interface Exchange {
  /** When the request came, epoch ms. */
  at: number;
  method: string;
  path: string;
  headers: Record<string, string>;
  /** Base64. */
  body: string;
  answer: { status: number; body: string };
}
