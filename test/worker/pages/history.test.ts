// Pages about history that the owner works with: how long it is kept, and planned maintenance.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { signedIn, Visitor } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';

let platform: TestPlatform;
let owner: Visitor;

beforeEach(async () => {
  platform = await testPlatform();
  owner = await signedIn(platform);
  await owner.postAndFollow('/admin/hosts', { target: 'shop.example', name: 'Shop', group: 'Web' });
});

afterEach(() => platform.close());

it('a shorter time is done only after what goes was read', async () => {
  const wish = { detail: '7d', hours: '140d', days: '400d', host: '', own: '' };
  const asked = await owner.post('/admin/retention', wish);
  expect(asked.status).toBe(200);
  expect(asked.text).toContain('Nothing is changed yet. Every reading before');
  expect((await owner.get('/admin/retention')).html).toMatch(/name="detail"[^>]*value="30d"/);
  const done = await owner.postAndFollow('/admin/retention', { ...wish, sure: 'yes' });
  expect(done.text).toContain('Saved: history is kept for that long');
  expect(done.html).toMatch(/name="detail"[^>]*value="7d"/);
});

it('a longer time is saved at once, and one host may have its own', async () => {
  const wish = { detail: '60d', hours: '140d', days: '400d', host: '1', own: '90d' };
  const done = await owner.postAndFollow('/admin/retention', wish);
  expect(done.text).toContain('Shop every reading for 90d');
  const refused = await owner.post('/admin/retention', { ...wish, detail: 'long' });
  expect(refused.status).toBe(400);
  expect(refused.html).toContain('value="long"');
});

it('maintenance is announced, changed and taken back, and visitors read of it', async () => {
  const form = { title: 'New <disks>', note: '', from: '', until: '2026-11-22T12:30', host: '1' };
  const made = await owner.postAndFollow('/admin/maintenance', form);
  expect(made.text).toContain('The maintenance is announced.');
  expect(made.text).toContain('New <disks>, Shop Under way');
  expect((await new Visitor(platform).get('/')).text).toContain('Maintenance: New <disks>');
  const edit = await owner.get('/admin/maintenance/1');
  expect(edit.html).toContain('value="2026-11-22T12:30"');
  expect(edit.html).toMatch(/name="host" value="1" checked/);
  const moved = { ...form, title: 'Old disks', until: '2026-11-23T08:00', host: [] };
  expect((await owner.postAndFollow('/admin/maintenance/1', moved)).text).toContain(
    'Old disks, every host',
  );
  const gone = await owner.postAndFollow('/admin/maintenance/1/delete');
  expect(gone.text).toContain('The maintenance is taken back');
  expect((await new Visitor(platform).get('/')).text).not.toContain('disks');
});

it('maintenance that ends before it begins is refused with what was typed', async () => {
  const page = await owner.post('/admin/maintenance', {
    title: 'Backwards',
    from: '2026-11-22T12:00',
    until: '2026-11-22T11:00',
  });
  expect(page.status).toBe(400);
  expect(page.text).toContain('Until (UTC) must be after from');
  expect(page.html).toContain('value="2026-11-22T11:00"');
});
