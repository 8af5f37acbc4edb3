import { getTableName, is } from 'drizzle-orm';
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core';
import { expect, it } from 'vitest';
import { temporaryLedger } from '../support/ledger.ts';

const MODULES = await Promise.all([
  import('../../schema/tables/accounts.ts'),
  import('../../schema/tables/alerts.ts'),
  import('../../schema/tables/books.ts'),
  import('../../schema/tables/burn.ts'),
  import('../../schema/tables/fleet.ts'),
  import('../../schema/tables/grants.ts'),
  import('../../schema/tables/holds.ts'),
  import('../../schema/tables/learning.ts'),
  import('../../schema/tables/schedules.ts'),
]);

const TABLES = MODULES.flatMap((module) => Object.values(module)).filter((value) =>
  is(value, SQLiteTable),
);

interface Column {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly key: boolean;
}

it('drizzle knows every table and column as the migrations make them', async () => {
  const { raw } = await temporaryLedger();
  const db = raw();
  const names = db
    .prepare<[], string>(
      "SELECT name FROM pragma_table_list WHERE schema='main' AND name NOT LIKE 'sqlite%'",
    )
    .pluck()
    .all();
  expect(TABLES.map((table) => getTableName(table)).toSorted()).toEqual(names.toSorted());
  for (const table of TABLES) {
    const made = db
      .prepare<[string], Record<'name' | 'type', string> & Record<'notnull' | 'pk', bigint>>(
        'SELECT * FROM pragma_table_info(?)',
      )
      .all(getTableName(table))
      .map(
        (column): Column => ({
          name: column.name,
          type: column.type.toLowerCase(),
          required: column.notnull === 1n,
          key: column.pk !== 0n,
        }),
      );
    const { columns, primaryKeys } = getTableConfig(table);
    const keys = new Set(primaryKeys.flatMap((key) => key.columns.map(({ name }) => name)));
    const known = columns.map(
      (column): Column => ({
        name: column.name,
        type: column.getSQLType(),
        // An INTEGER PRIMARY KEY is the rowid: never NULL, though table_info does not say so.
        required: column.primary && column.getSQLType() === 'integer' ? false : column.notNull,
        key: column.primary || keys.has(column.name),
      }),
    );
    expect(known, getTableName(table)).toEqual(made);
  }
});
