// Whoever adds a table or a column decides whether a backup has it.
import { is } from 'drizzle-orm';
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core';
import { describe, expect, it } from 'vitest';
import * as schema from '#db/schema.ts';
import { HISTORY, LEFT_OUT, SET_UP } from '#worker/backup/tables.ts';

const tables = Object.values(schema)
  .filter((each) => is(each, SQLiteTable))
  .map((each) => getTableConfig(each));

describe('the list of tables of a backup', () => {
  it('has every table of the database: backed up, or left out with a reason', () => {
    const listed = [...SET_UP, ...Object.keys(HISTORY), ...Object.keys(LEFT_OUT)];
    expect(listed.sort()).toEqual(tables.map(({ name }) => name).sort());
    for (const reason of Object.values(LEFT_OUT)) expect(reason).not.toBe('');
  });

  it.each(Object.entries(HISTORY))('has every column of %s', (name, table) => {
    const columns = tables.find((each) => each.name === name)?.columns.map((each) => each.name);
    const leftOut = 'leftOut' in table ? Object.keys(table.leftOut) : [];
    const rowId = table.key === 'id' || table.key === 'k' || table.key === 'shard';
    expect([...table.columns, ...leftOut, ...(rowId ? [table.key] : ['check_id'])].sort()).toEqual(
      columns?.sort(),
    );
  });
});
