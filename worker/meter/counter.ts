// What this isolate or process has used since it last wrote it down. The database says with each answer what it read
// and wrote; that is what is billed. A database file of one's own says nothing, and costs nothing.
import type { Client } from '@libsql/client';
import type { Count } from '#core/meter/projection.ts';

export interface Counter extends Count {
  /** Whose rows are counted; a file's are not. */
  source: 'turso' | 'http' | 'file';
  /** When the first of it was counted; null = nothing yet. */
  sinceAt: number | null;
}

type Fetch = typeof fetch;

const counters = new WeakMap<object, Counter>();

/** Makes a client whose every answer over HTTP is counted. */
export function metered(url: string, make: (fetch: Fetch) => Client): Client {
  const counter = newCounter(sourceOf(url));
  const client = make((input, init) =>
    fetch(input, init).then((answer) => counted(answer, counter)),
  );
  counters.set(client, counter);
  return client;
}

/** The counter of a database's client. */
export function counterOf({ $client }: { $client: Client }): Counter {
  const counter = counters.get($client) ?? newCounter('file');
  counters.set($client, counter);
  return counter;
}

/** Rows of this database are billed by Turso. */
export function isTurso(url: string): boolean {
  return /\.turso\.io(:\d+)?([/?]|$)/.test(url);
}

function sourceOf(url: string): Counter['source'] {
  if (url.startsWith('file:')) return 'file';
  return isTurso(url) ? 'turso' : 'http';
}

function newCounter(source: Counter['source']): Counter {
  return { source, sinceAt: null, rowsRead: 0, rowsWritten: 0, requests: 0 };
}

/** The same answer; whoever parses it counts by the way. */
function counted(answer: Response, counter: Counter): Response {
  const parse = answer.json.bind(answer);
  const json = async () => {
    const body = await parse();
    add(counter, body as PipelineAnswer);
    return body;
  };
  return Object.defineProperty(answer, 'json', { value: json });
}

interface Rows {
  rows_read?: number;
  rows_written?: number;
}

/** Of a Hrana pipeline's answer, what is looked at. */
interface PipelineAnswer {
  results?: Array<{ response?: { result?: Rows & { step_results?: Array<Rows | null> } } }>;
}

/** Figures stand beside a statement's result, alone or as a step of a batch; rows are not looked into. */
function add(counter: Counter, { results = [] }: PipelineAnswer): void {
  for (const { response } of results) {
    const result = response?.result;
    if (!result) continue;
    for (const each of result.step_results ?? [result]) {
      counter.rowsRead += each?.rows_read ?? 0;
      counter.rowsWritten += each?.rows_written ?? 0;
    }
  }
}
