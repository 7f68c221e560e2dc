// The documentation of the whole API, made once for an address. At the edge it is a file (bin/bundle.ts).
import { HISTORY_OPERATIONS } from '../history.ts';
import { openApi } from './openapi.ts';
import { OPERATIONS } from './operations.ts';

const documents = new Map<string, ReturnType<typeof openApi>>();

/** `url` is the public origin; empty = wherever it is read. */
export function apiDocument(url: string): ReturnType<typeof openApi> {
  const document = documents.get(url) ?? openApi([...OPERATIONS, ...HISTORY_OPERATIONS], url);
  documents.set(url, document);
  return document;
}
