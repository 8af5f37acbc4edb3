import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ExclusiveLocks } from '../../src/adapters/sqlite/exclusive-lock.ts';
import { SCHEMA_VERSION } from '../../src/adapters/sqlite/open.ts';
import { SqliteLedgerCare } from '../../src/adapters/sqlite/sqlite-care.ts';
import { openHold } from '../support/holds.ts';
import { seedAccount, type TemporaryLedger, temporaryLedger, usd } from '../support/ledger.ts';

function careOf({ place, clock }: TemporaryLedger): SqliteLedgerCare {
  return new SqliteLedgerCare({ place, clock, actor: { uid: 1, name: 'root' } });
}

async function withMoney(): Promise<TemporaryLedger> {
  const temporary = await temporaryLedger();
  await seedAccount(temporary.ledger, { name: 'ml-7', deposit: '40' });
  return temporary;
}

async function freeOf(temporary: TemporaryLedger): Promise<bigint | undefined> {
  const second = temporary.open();
  const view = await second.read({ payer: { slurmAccount: 'ml-7' } });
  second.close();
  return view.payer?.account.budgets[0]?.free;
}

describe('the ledger as a file', () => {
  it('tells about itself', async () => {
    const temporary = await withMoney();
    const info = await careOf(temporary).info();
    expect(info).toMatchObject({
      file: temporary.place.file,
      schemaVersion: SCHEMA_VERSION,
      programVersion: SCHEMA_VERSION,
      accounts: 1,
      transactions: 1,
      journalRows: 1,
      openHolds: 0,
      isLocked: false,
    });
    expect(info.head?.hash).toMatch(/^[0-9a-f]{64}$/u);
  });

  it('is migrated once', async () => {
    const temporary = await withMoney();
    expect(await careOf(temporary).migrate()).toEqual({
      from: SCHEMA_VERSION,
      to: SCHEMA_VERSION,
      backup: '',
    });
  });

  it('is backed up beside an open writer, and restored', async () => {
    const temporary = await withMoney();
    const care = careOf(temporary);
    const copy = join(temporary.directory, 'copy.db');
    expect(await care.backup(copy)).toBeGreaterThan(4096);
    expect(lstatSync(copy).mode & 0o777).toBe(0o640);
    await openHold(temporary.ledger, { token: 'aaa', account: 'ml-7', amount: '15' });
    expect(await freeOf(temporary)).toBe(usd('25'));

    // While another process has the ledger open, its close could delete the WAL of the new file.
    const patient = new SqliteLedgerCare({
      place: { ...temporary.place, lockWaitMs: 100 },
      clock: temporary.clock,
      actor: { uid: 1, name: 'root' },
    });
    await expect(patient.restore(copy)).rejects.toMatchObject({ exitCode: 75 });
    expect(await freeOf(temporary)).toBe(usd('25'));

    temporary.ledger.close();
    const kept = await care.restore(copy);
    expect(await freeOf(temporary)).toBe(usd('40'));
    const old = await care.verify({ file: kept });
    expect(old.checks.every(({ ok }) => ok)).toBe(true);
    expect(readFileSync(kept).length).toBeGreaterThan(4096);
  });

  it('refuses to overwrite, and to write through a link', async () => {
    const temporary = await withMoney();
    const care = careOf(temporary);
    const bait = join(temporary.directory, 'bait');
    writeFileSync(bait, 'precious');
    const link = join(temporary.directory, 'link.db');
    symlinkSync(bait, link);
    for (const target of [bait, link, temporary.place.file]) {
      await expect(care.backup(target)).rejects.toMatchObject({
        exitCode: 1,
        message: expect.stringContaining(target),
      });
    }
    expect(readFileSync(bait, 'utf8')).toBe('precious');
  });

  it('refuses to restore what does not verify', async () => {
    const temporary = await withMoney();
    const care = careOf(temporary);
    const copy = join(temporary.directory, 'copy.db');
    await care.backup(copy);
    const script = `import Database from 'better-sqlite3'; const db = new Database(process.argv[1]);
      db.exec('UPDATE balance SET amount_micro=amount_micro+1');`;
    spawnSync(process.execPath, ['--input-type=module', '-e', script, copy], {
      cwd: process.cwd(),
    });
    await expect(care.restore(copy)).rejects.toMatchObject({
      exitCode: 22,
      message: expect.stringContaining('I2'),
    });
    truncateSync(copy, 6000);
    await expect(care.restore(copy)).rejects.toMatchObject({ exitCode: 22 });
    await expect(care.restore(join(temporary.directory, 'none.db'))).rejects.toMatchObject({
      exitCode: 1,
    });
    expect(await freeOf(temporary)).toBe(usd('40'));
  });

  it('is locked by a failed check until it verifies again', async () => {
    const temporary = await withMoney();
    const care = careOf(temporary);
    expect(await care.check('quick')).toBe('');
    expect(await care.unlock()).toBe(false);
    const raw = temporary.raw();
    // An index that lost an entry: quick_check does not look, integrity_check does.
    raw.unsafeMode();
    raw.pragma('writable_schema=ON');
    raw.exec(
      "UPDATE sqlite_schema SET sql=replace(sql,'(account_id)','(name)') WHERE name='slurm_name_account'",
    );
    raw.pragma('writable_schema=RESET');
    raw.close();
    expect(await care.check('integrity')).toContain('slurm_name_account');

    await expect(
      openHold(temporary.open(), { token: 'aaa', account: 'ml-7', amount: '1' }),
    ).rejects.toMatchObject({ exitCode: 22, advice: expect.stringContaining('unlock') });
    await expect(
      openHold(temporary.ledger, { token: 'bbb', account: 'ml-7', amount: '1' }),
    ).rejects.toMatchObject({ exitCode: 22 });
    expect((await care.info()).isLocked).toBe(true);
    expect(await freeOf(temporary)).toBe(usd('40'));
    await expect(care.unlock()).rejects.toMatchObject({ exitCode: 22 });

    const repaired = temporary.raw();
    repaired.unsafeMode();
    repaired.pragma('writable_schema=ON');
    repaired.exec(
      "UPDATE sqlite_schema SET sql=replace(sql,'(name)','(account_id)') WHERE name='slurm_name_account'",
    );
    repaired.pragma('writable_schema=RESET');
    repaired.close();
    expect(await care.unlock()).toBe(true);
    await openHold(temporary.open(), { token: 'aaa', account: 'ml-7', amount: '1' });
  });

  it('records heads, and misses one that was cut off', async () => {
    const temporary = await withMoney();
    const care = careOf(temporary);
    await care.recordHead();
    const copy = join(temporary.directory, 'copy.db');
    await care.backup(copy);
    await openHold(temporary.ledger, { token: 'aaa', account: 'ml-7', amount: '15' });
    await care.recordHead();
    const heads = join(temporary.directory, 'heads.log');
    expect(readFileSync(heads, 'utf8')).toMatch(
      /^1 [0-9a-f]{64} 2026\S+\n3 [0-9a-f]{64} 2026\S+\n$/u,
    );
    expect(lstatSync(heads).mode & 0o777).toBe(0o640);
    expect((await care.verify({ heads })).checks.filter(({ ok }) => !ok)).toEqual([]);
    temporary.ledger.close();
    await care.restore(copy);
    const [failed] = (await care.verify({ heads })).checks.filter(({ ok }) => !ok);
    expect(failed).toMatchObject({
      id: 'I8',
      rows: 1,
      sample: [['3', 'head', expect.any(String)]],
    });
  });

  it('gets its sums back from the postings', async () => {
    const temporary = await withMoney();
    const care = careOf(temporary);
    expect(await care.repairSums()).toBe(0);
    const raw = temporary.raw();
    raw.exec('UPDATE balance SET amount_micro=amount_micro+1; DELETE FROM below');
    raw.close();
    expect(await temporary.broken()).toEqual(['I2']);
    expect(await care.repairSums()).toBe(4);
    expect(await temporary.broken()).toEqual([]);
  });
});

describe('a lock', () => {
  it('has one holder at a time', async () => {
    const { directory } = await temporaryLedger();
    const locks = new ExclusiveLocks(directory);
    const first = locks.take('maintain');
    expect(first).toBeDefined();
    expect(locks.take('maintain')).toBeUndefined();
    const other = locks.take('other');
    expect(other).toBeDefined();
    other?.release();
    first?.release();
    const again = locks.take('maintain');
    expect(again).toBeDefined();
    again?.release();
    expect(existsSync(join(directory, 'maintain.lock'))).toBe(true);
  });

  it('dies with its holder', async () => {
    const { directory } = await temporaryLedger();
    const script = `
      import { ExclusiveLocks } from './src/adapters/sqlite/exclusive-lock.ts';
      process.stdout.write(String(new ExclusiveLocks(process.argv[1]).take('maintain') !== undefined));
      process.kill(process.pid, 'SIGKILL');`;
    const locks = new ExclusiveLocks(directory);
    const { stdout, signal } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', script, directory],
      { encoding: 'utf8' },
    );
    expect([stdout, signal]).toEqual(['true', 'SIGKILL']);
    const taken = locks.take('maintain');
    expect(taken).toBeDefined();
    taken?.release();
  });
});
