// Runs in workerd for the bench only: one part of ingest, over and over.
import { type Client, createClient } from '@libsql/client/http';
import { ingestParts, type Part, type SignedPost } from './ingestParts.ts';

export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const rounds = Number(searchParams.get('n'));
    if (rounds === 0) return new Response('ready');
    // One client a request: a connection must not outlive the request that made it.
    const client: Client = createClient({ url: searchParams.get('db') ?? '', concurrency: 1000 });
    const parts = await ingestParts(client, (await request.json()) as SignedPost);
    const act = parts[searchParams.get('part') as Part];
    for (let round = 0; round < rounds; round++) await act();
    return new Response('done');
  },
};
