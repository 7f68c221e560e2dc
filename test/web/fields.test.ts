import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { KIND_NAMES, KINDS } from '#core/checks/index.ts';
import { readCheck } from '#web/form/check.ts';
import { describeFields, readFields, shownValue } from '#web/form/fields.ts';

describe('a form made from a schema', () => {
  it('has a titled field for every setting of every kind of check', () => {
    for (const kind of KIND_NAMES) {
      const fields = describeFields(KINDS[kind].fields);
      expect(fields.map(({ name }) => name)).toEqual(Object.keys(KINDS[kind].fields.shape));
      for (const field of fields) expect(field.title, field.name).not.toBe(field.name);
      expect(fields[0]).toMatchObject({ name: 'target', required: true });
    }
  });

  it('shows choices, boxes, lines and pairs as such', () => {
    const controls = (kind: 'http' | 'script') =>
      Object.fromEntries(
        describeFields(KINDS[kind].fields).map(({ name, control }) => [name, control]),
      );
    expect(controls('http')).toMatchObject({
      method: 'choice',
      headers: 'pairs',
      body: 'area',
      followRedirects: 'number',
      verifyTls: 'yes',
      degradedAfter: 'text',
    });
    expect(controls('script')).toMatchObject({ args: 'lines', protocol: 'choice' });
  });

  it('puts the usual choice first', () => {
    const family = describeFields(KINDS.tcp.fields).find(({ name }) => name === 'family');
    expect(family?.choices).toEqual(['any', '4', '6']);
  });

  it('reads back what it shows', () => {
    const fields = describeFields(KINDS.http.fields);
    const config = {
      target: 'https://example.org/',
      headers: { Accept: 'text/plain', 'X-Team': 'ops: web' },
      followRedirects: 3,
      verifyTls: false,
      cookies: true,
      cacheBuster: false,
      body: 'one\ntwo',
    };
    const typed = Object.fromEntries(
      fields.map(({ name, control }) => [
        name,
        shownValue(control, (config as Record<string, unknown>)[name]),
      ]),
    );
    expect(readFields(fields, typed)).toEqual(config);
  });

  it('hands on what is no number as it was typed, so that the refusal can name it', () => {
    const fields = describeFields(z.object({ count: z.int() }));
    expect(readFields(fields, { count: 'many' })).toEqual({ count: 'many' });
  });

  it('takes an emptied field back to its default when a check is changed', () => {
    const none = () => [];
    const check = readCheck('tcp', { target: 'a:1', where: 'all' }, none, null);
    expect(check).toMatchObject({ target: 'a:1', degradedAfter: null, interval: null });
  });
});
