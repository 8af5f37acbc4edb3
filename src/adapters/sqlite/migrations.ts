import { readFileSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { APPLICATION_ID } from './open.ts';

export interface Migration {
  /** `user_version` after it. */
  readonly version: number;
  readonly sql: string;
}

/** The bundle carries the text; unbundled, Node knows no `.sql` modules and the file is read. */
async function embeddedOrRead(
  load: () => Promise<{ default: string }>,
  file: string,
): Promise<string> {
  try {
    return (await load()).default;
  } catch {
    return readFileSync(new URL(`../../../schema/migrations/${file}`, import.meta.url), 'utf8');
  }
}

/** One entry per file of schema/migrations, in order. */
export async function loadMigrations(): Promise<readonly Migration[]> {
  return [
    {
      version: 1,
      sql: await embeddedOrRead(
        () => import('../../../schema/migrations/0001_ledger.sql'),
        '0001_ledger.sql',
      ),
    },
    {
      version: 2,
      sql: await embeddedOrRead(
        () => import('../../../schema/migrations/0002_grants.sql'),
        '0002_grants.sql',
      ),
    },
    {
      version: 3,
      sql: await embeddedOrRead(
        () => import('../../../schema/migrations/0003_schedules.sql'),
        '0003_schedules.sql',
      ),
    },
    {
      version: 4,
      sql: await embeddedOrRead(
        () => import('../../../schema/migrations/0004_burn.sql'),
        '0004_burn.sql',
      ),
    },
    {
      version: 5,
      sql: await embeddedOrRead(
        () => import('../../../schema/migrations/0005_alerts.sql'),
        '0005_alerts.sql',
      ),
    },
    {
      version: 6,
      sql: await embeddedOrRead(
        () => import('../../../schema/migrations/0006_learning.sql'),
        '0006_learning.sql',
      ),
    },
    {
      version: 7,
      sql: await embeddedOrRead(
        () => import('../../../schema/migrations/0007_jobs.sql'),
        '0007_jobs.sql',
      ),
    },
    {
      version: 8,
      sql: await embeddedOrRead(
        () => import('../../../schema/migrations/0008_volumes.sql'),
        '0008_volumes.sql',
      ),
    },
  ];
}

/** Inside the caller's transaction: either the whole step stands, with its number, or none of it. */
export function applyMigration(db: Database.Database, { version, sql }: Migration): void {
  db.exec(sql);
  db.exec(`PRAGMA application_id=${APPLICATION_ID}; PRAGMA user_version=${version}`);
}
