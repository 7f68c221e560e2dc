import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signedIn, type Visitor } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { app } from '#worker/app.ts';

let platform: TestPlatform;
let owner: Visitor;

beforeEach(async () => {
  platform = await testPlatform({ runtime: 'standalone', flushMs: 1000 });
  owner = await signedIn(platform);
});

afterEach(async () => {
  await platform.settle();
  platform.close();
});

/** Adds a host by the one field there is and gives the address of its page. */
async function added(target: string): Promise<string> {
  await owner.postAndFollow('/admin/hosts', { target, name: '', group: '' });
  const { rows } = await platform.db.$client.execute('select max(id) as id from host');
  return `/admin/hosts/${rows[0]?.id}`;
}

function addressIn(html: string): string {
  const found = /http:\/\/anyup\.test(\/beat\/[A-Za-z0-9_-]{24})\//.exec(html);
  if (!found) throw new Error('the page shows no address');
  return found[1] as string;
}

describe('the page of a host with a heartbeat', () => {
  it('shows the command a job runs, when it called, and what it sent, as text', async () => {
    const path = await added('heartbeat:nightly backup');
    const page = await owner.get(path);
    expect(page.text).toContain('curl -fsS -m 10 --retry 5 http://anyup.test/beat/');
    expect(page.text).toContain('It has not called yet.');
    const body = '<script>alert(1)</script>';
    await app.request(addressIn(page.html), { method: 'POST', body }, platform);
    await platform.settle();
    const after = await owner.get(path);
    expect(after.html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(after.html).not.toContain(body);
    expect(after.text).toContain('Last call:');
    const anyone = await app.request(path.replace('/admin', ''), {}, platform);
    const shown = await anyone.text();
    expect(shown).not.toContain('/beat/');
    expect(shown).not.toContain('alert(1)');
  });

  it('gives it another address when asked twice', async () => {
    const path = await added('heartbeat:nightly backup');
    const before = addressIn((await owner.get(path)).html);
    const [, action = ''] = /action="([^"]+\/address)"/.exec((await owner.get(path)).html) ?? [];
    const after = await owner.postAndFollow(action);
    expect(after.text).toContain('The heartbeat has another address');
    expect(addressIn(after.html)).not.toBe(before);
  });

  it('edits it by its own fields alone, and says at the field what is wrong', async () => {
    const path = await added('heartbeat:nightly backup');
    const { rows } = await platform.db.$client.execute('select max(id) as id from check_');
    const form = await owner.get(`${path}/checks/${rows[0]?.id}`);
    expect(form.html).toContain('value="nightly backup"');
    expect(form.text).toContain('Calls every');
    expect(form.text).not.toContain('From where, and who decides');
    expect(form.text).not.toContain('Try it');
    const fields = { kind: 'heartbeat', target: 'nightly backup', name: '' };
    const edit = `${path}/checks/${rows[0]?.id}`;
    const refused = await owner.post(edit, { ...fields, schedule: '0 25 * * *', zone: 'UTC' });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('has "25" as its hour');
    const saved = await owner.postAndFollow(edit, {
      ...fields,
      schedule: '0 5 * * *',
      zone: 'Europe/Vienna',
    });
    expect(saved.text).toContain('The check is saved');
  });
});

describe('the page of a host with a group or a status set by hand', () => {
  it('sets the status with a note', async () => {
    const path = await added('manual:front door');
    const { rows } = await platform.db.$client.execute('select max(id) as id from check_');
    const id = rows[0]?.id;
    const page = await owner.postAndFollow(`${path}/checks/${id}/status`, {
      [`status-${id}`]: 'degraded',
      [`note-${id}`]: 'it squeaks',
    });
    expect(page.text).toContain('The status is set.');
    expect(page.text).toContain('Degraded (it squeaks).');
  });

  it('shows how each member stands, with a way to it', async () => {
    const door = await added('manual:front door');
    const shop = await added('manual:shop');
    const doorId = door.split('/').at(-1);
    const page = await owner.postAndFollow(`${shop}/checks/new`, {
      kind: 'group',
      target: 'all of it',
      members: `host:${doorId}*2`,
      rule: 'worst',
    });
    expect(page.text).toContain('Unknown front door weighs 2');
    expect(page.html).toContain(`href="/admin/hosts/${doorId}"`);
  });
});
