import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { distrustFilesystem } from '../../src/adapters/sqlite/filesystem.ts';
import { migrateLedger } from '../../src/adapters/sqlite/migrate.ts';
import { openLedger, SCHEMA_VERSION } from '../../src/adapters/sqlite/open.ts';
import type { LedgerPlace } from '../../src/adapters/sqlite/place.ts';
import { openHold } from '../support/holds.ts';
import { seedAccount, type TemporaryLedger, temporaryLedger } from '../support/ledger.ts';
import { temporaryPlace } from '../support/place.ts';

const IS_ROOT = process.getuid?.() === 0;
const NOBODY = 65_534;

type Spoil = readonly [
  what: string,
  spoil: (place: LedgerPlace) => void,
  path: (place: LedgerPlace) => string,
];

function file(place: LedgerPlace): string {
  return place.file;
}

function wal(place: LedgerPlace): string {
  return `${place.file}-wal`;
}

function directory(place: LedgerPlace): string {
  return place.stateDirectory;
}

function away(path: string): string {
  renameSync(path, `${path}.x`);
  return `${path}.x`;
}

const SPOILS: readonly Spoil[] = [
  ['a link instead of the file', ({ file: path }) => symlinkSync(away(path), path), file],
  [
    'a directory instead of the file',
    ({ file: path }) => {
      away(path);
      mkdirSync(path);
    },
    file,
  ],
  [
    'a FIFO instead of the file',
    ({ file: path }) => {
      away(path);
      execFileSync('mkfifo', [path]);
    },
    file,
  ],
  ['a second name of the file', ({ file: path }) => linkSync(path, `${path}.y`), file],
  ['mode 0666', ({ file: path }) => chmodSync(path, 0o666), file],
  ['mode 0660', ({ file: path }) => chmodSync(path, 0o660), file],
  ['a link for the WAL', (place) => symlinkSync('/etc/passwd', wal(place)), wal],
  [
    'a state directory that others may write',
    ({ stateDirectory }) => chmodSync(stateDirectory, 0o777),
    directory,
  ],
  [
    'a state directory that its group may write',
    ({ stateDirectory }) => chmodSync(stateDirectory, 0o770),
    directory,
  ],
  [
    'a link for the state directory',
    ({ stateDirectory }) => symlinkSync(away(stateDirectory), stateDirectory),
    directory,
  ],
];

const AS_ROOT: readonly Spoil[] = [
  ['a file of somebody else', ({ file: path }) => chownSync(path, NOBODY, 0), file],
  [
    'a state directory of somebody else',
    ({ stateDirectory }) => chownSync(stateDirectory, NOBODY, 0),
    directory,
  ],
];

function bait(): { readonly path: string; readonly before: string } {
  const path = mkdtempSync(join(tmpdir(), 'asbb-bait-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  writeFileSync(join(path, 'file'), 'bait');
  return { path, before: readdirSync(path).join() };
}

describe('the place of the ledger', () => {
  it.each(IS_ROOT ? [...SPOILS, ...AS_ROOT] : SPOILS)('is refused: %s', async (_, spoil, path) => {
    const temporary = await temporaryLedger();
    temporary.mayBeBroken();
    temporary.ledger.close();
    const { place } = temporary;
    spoil(place);
    for (const mode of ['write', 'read', 'migrate'] as const) {
      expect(() => openLedger(place, mode)).toThrow(
        expect.objectContaining({ exitCode: 1, message: expect.stringContaining(path(place)) }),
      );
    }
    rmSync(`${place.stateDirectory}.x`, { recursive: true, force: true });
  });

  it('is refused below a directory that others may write', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'asbb-open-'));
    onTestFinished(() => rmSync(parent, { recursive: true }));
    const own = join(parent, 'state');
    mkdirSync(own, { mode: 0o750 });
    chmodSync(parent, 0o777);
    await expect(migrateLedger(temporaryPlace(own), 1)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining(`${parent} is writable`),
    });
    expect(readdirSync(own)).toEqual([]);
    chmodSync(parent, 0o1777); // as /tmp is
    expect(await migrateLedger(temporaryPlace(own), 1)).toMatchObject({
      from: 0,
      to: SCHEMA_VERSION,
    });
  });

  it('is refused with a link between state directory and file', async () => {
    const { path, before } = bait();
    const root = mkdtempSync(join(tmpdir(), 'asbb-root-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    symlinkSync(path, join(root, 'deep'));
    const place = { ...temporaryPlace(root), file: join(root, 'deep', 'asbb.db') };
    await expect(migrateLedger(place, 1)).rejects.toMatchObject({
      message: expect.stringContaining(`${root}/deep is a symbolic link`),
    });
    expect(readdirSync(path).join()).toBe(before);
  });

  it.each(['asbb.db', '/var/lib/../lib/asbb.db', '/nowhere/asbb.db'])('is refused: %s', (path) => {
    expect(() => openLedger({ ...temporaryPlace('/nowhere'), file: path }, 'read')).toThrow(
      expect.objectContaining({ exitCode: 1 }),
    );
  });

  it('gets files of mode 0640 whatever the umask', () => {
    const script = `
      import { migrateLedger } from './src/adapters/sqlite/migrate.ts';
      import { openLedger } from './src/adapters/sqlite/open.ts';
      const [, directory, umask] = process.argv;
      process.umask(Number(umask));
      const place = { file: directory + '/asbb.db', stateDirectory: directory, slurmUser: 'root', lockWaitMs: 1000,
        autoMigrate: false, allowFsMagic: [], allowVolatile: true };
      await migrateLedger(place, 1);
      const { db } = openLedger(place, 'write');
      db.exec("INSERT INTO note VALUES('a','b')");
      const { statSync } = await import('node:fs');
      console.log(['', '-wal', '-shm'].map((end) => (statSync(place.file + end).mode & 0o777).toString(8)).join());`;
    for (const umask of [0, 0o77]) {
      const own = mkdtempSync(join(tmpdir(), 'asbb-umask-'));
      onTestFinished(() => rmSync(own, { recursive: true }));
      chmodSync(own, 0o750);
      const args = ['--input-type=module', '-e', script, own, String(umask)];
      expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe('640,640,640\n');
    }
  });
});

describe('the filesystem', () => {
  const rules = { allowFsMagic: [], allowVolatile: false };
  it.each([
    0xef_53,
    0x58_46_53_42,
    0x91_23_68_3e,
    0x2f_c1_2f_c1,
    0xf2_f5_20_10,
    0xf2_f5_20_10 | 0,
    0x91_23_68_3e | 0,
  ])('0x%i is accepted', (magic) => {
    expect(distrustFilesystem(magic, rules)).toBeUndefined();
  });

  it.each([
    [0x69_69, 'NFS'],
    [0x51_7b, 'SMB'],
    [0xff_53_4d_42 | 0, 'CIFS'],
    [0xfe_53_4d_42, 'SMB2'],
    [0x0b_d0_0b_d0, 'Lustre'],
    [0x47_50_46_53, 'GPFS'],
    [0x19_83_03_26, 'BeeGFS'],
    [0x00_c3_64_00, 'Ceph'],
    [0xaa_d7_aa_ea, 'PanFS'],
    [0x20_03_05_28, 'OrangeFS'],
    [0x53_46_41_4f, 'AFS'],
    [0x6b_41_46_53, 'AFS'],
    [0x73_75_72_45, 'Coda'],
    [0x74_61_63_6f, 'OCFS2'],
    [0x01_16_19_70, 'GFS2'],
    [0x01_02_19_97, '9p'],
    [0x65_73_55_46, 'FUSE'],
  ])('0x%i is refused as %s, also when it is allowed', (magic, name) => {
    const allowed = { allowFsMagic: [String(magic >>> 0)], allowVolatile: true };
    expect(distrustFilesystem(magic, rules)).toContain(`${name} is shared`);
    expect(distrustFilesystem(magic, allowed)).toContain(`${name} is shared`);
  });

  it('that forgets needs allow_volatile', () => {
    for (const magic of [0x01_02_19_94, 0x79_4c_76_30]) {
      expect(distrustFilesystem(magic, rules)).toContain('allow_volatile');
      expect(distrustFilesystem(magic, { ...rules, allowVolatile: true })).toBeUndefined();
    }
  });

  it('that is unknown needs allow_fs_magic', () => {
    expect(distrustFilesystem(0x12_34_56, rules)).toContain('0x123456 is unknown');
    for (const text of ['0x123456', '1193046']) {
      expect(distrustFilesystem(0x12_34_56, { ...rules, allowFsMagic: [text] })).toBeUndefined();
    }
  });

  it('is asked when the ledger is opened', async () => {
    if (lstatSync('/dev/shm', { throwIfNoEntry: false }) === undefined) {
      return;
    }
    const own = mkdtempSync('/dev/shm/asbb-');
    onTestFinished(() => rmSync(own, { recursive: true }));
    const place = { ...temporaryPlace(own), allowVolatile: false };
    await expect(migrateLedger(place, 1)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('tmpfs'),
    });
  });
});

describe('the schema', () => {
  async function at(version: number): Promise<TemporaryLedger> {
    const temporary = await temporaryLedger();
    temporary.mayBeBroken();
    const db = temporary.raw();
    db.pragma(`user_version=${version}`);
    db.close();
    temporary.ledger.close();
    return temporary;
  }

  it('that is newer is never written', async () => {
    const temporary = await at(SCHEMA_VERSION + 1);
    await expect(
      openHold(temporary.ledger, { token: 'a', account: 'x', amount: '1' }),
    ).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('nothing was written'),
    });
    await expect(migrateLedger(temporary.place, 1)).rejects.toMatchObject({ exitCode: 1 });
  });

  it('that is older sends hooks away with 75', async () => {
    const temporary = await at(0);
    await expect(
      openHold(temporary.ledger, { token: 'a', account: 'x', amount: '1' }),
    ).rejects.toMatchObject({ exitCode: 75, advice: 'run asbb ledger migrate' });
  });

  it('is not made anew where heads tell of a ledger that is gone', async () => {
    const temporary = await temporaryLedger();
    temporary.mayBeBroken();
    temporary.ledger.close();
    writeFileSync(join(temporary.directory, 'heads.log'), '1 abc\n');
    rmSync(temporary.place.file);
    await expect(migrateLedger(temporary.place, 1)).rejects.toMatchObject({ exitCode: 22 });
    rmSync(join(temporary.directory, 'heads.log'));
    expect(await migrateLedger(temporary.place, 1)).toMatchObject({ from: 0, to: SCHEMA_VERSION });
  });

  it('of something else is left alone', async () => {
    const temporary = await temporaryLedger();
    temporary.mayBeBroken();
    const db = temporary.raw();
    db.pragma('application_id=77');
    db.close();
    expect(() => openLedger(temporary.place, 'migrate')).toThrow('not a ledger of asbb');
  });

  it('is made when auto_migrate says so', async () => {
    const own = mkdtempSync(join(tmpdir(), 'asbb-auto-'));
    onTestFinished(() => rmSync(own, { recursive: true }));
    const { SqliteLedger } = await import('../../src/adapters/sqlite/sqlite-ledger.ts');
    const options = {
      clock: { nowUs: () => 1 },
      actor: { uid: 0, name: 'root' },
      clusterName: 'hpc1',
      dayOf: () => 20_261_121,
    };
    const place = temporaryPlace(own);
    const shy = new SqliteLedger({ ...options, place });
    await expect(shy.read({})).rejects.toMatchObject({ exitCode: 75 });
    expect(readdirSync(own)).toEqual([]);
    const willing = new SqliteLedger({ ...options, place: { ...place, autoMigrate: true } });
    await seedAccount(willing, { name: 'ml-7' });
    expect((await willing.read({ accounts: ['ml-7'] })).accounts).toHaveLength(1);
    willing.close();
  });

  it.each(['not a database at all, but long enough to be taken for one by size. '.repeat(99), 'x'])(
    'of a file of other bytes: 22',
    async (text) => {
      const temporary = await temporaryLedger();
      temporary.mayBeBroken();
      temporary.ledger.close();
      writeFileSync(temporary.place.file, text);
      await expect(temporary.ledger.read({})).rejects.toMatchObject({ exitCode: 22 });
    },
  );
});
