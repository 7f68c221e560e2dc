import { describe, expect, it } from 'vitest';
import { errorsOf, withApi } from '#test/support/api.ts';

const api = withApi();

describe('what is sent to the API', () => {
  const json = { 'content-type': 'application/json' };

  it('must be JSON by its content type', async () => {
    const answer = await api.post('/hosts', undefined, {
      raw: 'target=example.org',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(answer.status).toBe(415);
    expect(answer.body.code).toBe('unsupported_media');
    expect(answer.body.detail).toContain('application/x-www-form-urlencoded');
  });

  it('may be of a JSON kind of its own', async () => {
    const raw = JSON.stringify({ target: 'example.org' });
    const headers = { 'content-type': 'application/merge-patch+json; charset=utf-8' };
    expect((await api.post('/hosts', undefined, { raw, headers })).status).toBe(201);
  });

  it('is told where it stops being JSON', async () => {
    const answer = await api.post('/hosts', undefined, { raw: '{"target": }', headers: json });
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe('bad_request');
    expect(answer.body.detail).toMatch(/not JSON: .*("target"|position 11)/);
  });

  it.each(['[]', '"text"', 'null', '5'])('must be an object, not %s', async (raw) => {
    const answer = await api.post('/hosts', undefined, { raw, headers: json });
    expect(answer.body).toMatchObject({
      code: 'bad_request',
      detail: 'The body must be a JSON object.',
    });
  });

  it('may have 256 KiB', async () => {
    const raw = JSON.stringify({ target: 'example.org', name: 'x'.repeat(256 * 1024) });
    const answer = await api.post('/hosts', undefined, {
      raw,
      headers: { ...json, 'content-length': String(raw.length) },
    });
    expect(answer.status).toBe(413);
    expect(answer.body.code).toBe('too_large');
    const stream = new Blob([raw]).stream();
    const streamed = await api.post('/hosts', undefined, {
      raw: stream,
      headers: json,
      duplex: 'half',
    });
    expect(streamed.status).toBe(413);
  });

  it('names a path that is not there, and a method that is not there', async () => {
    expect((await api.get('/nothing')).body).toMatchObject({ code: 'not_found', status: 404 });
    const answer = await api.call('PUT', '/hosts/1', {});
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, PATCH, DELETE');
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  it('may not say otherwise what the address says', async () => {
    const answer = await api.patch('/hosts/1', { id: 2, name: 'x' });
    expect(errorsOf(answer)).toEqual(['id: is given by the address already']);
  });

  it('names a parameter that is no number', async () => {
    expect(errorsOf(await api.get('/hosts/abc'))).toEqual(['id: is "abc"; it must be a number']);
    expect(errorsOf(await api.get('/audit?limit=1000'))).toEqual([
      'limit: is 1000; it must be at most 200',
    ]);
    expect(errorsOf(await api.get('/audit?page=2'))).toEqual(['page: is not a field here']);
  });

  it('is never stored by caches on its way back', async () => {
    expect((await api.get('/hosts')).headers.get('cache-control')).toBe('no-store');
  });
});
