// A process that does one thing to a ledger, as a hook does: for tests that kill it, starve it or let
// many of it run at once. Prints one line per answer, only after COMMIT has returned.
//   node ledger-worker.ts <directory> holds <prefix> <count> <dollars>
//   node ledger-worker.ts <directory> charge <token> <dollars>
//   node ledger-worker.ts <directory> seed <dollars>
//   node ledger-worker.ts <directory> stop
//   node ledger-worker.ts <directory> migrate
// LOCK_WAIT_MS; WAL_SIZES=1 prints the length of the WAL behind each answer; KILL_AT_END=1 leaves
// without closing.
import { statSync, writeSync } from 'node:fs';
import { migrateLedger } from '../../src/adapters/sqlite/migrate.ts';
import { SqliteLedger } from '../../src/adapters/sqlite/sqlite-ledger.ts';
import { Fault } from '../../src/core/errors.ts';
import { dayOf } from '../../src/core/grant/calendar.ts';
import { chargeHold, openHold, write } from './holds.ts';
import { temporaryPlace } from './place.ts';
import { seedAccount } from './seed-account.ts';

const [directory = '', operation = '', ...args] = process.argv.slice(2);
const NOW_US = 1_795_262_400_000_000;
const place = {
  ...temporaryPlace(directory),
  lockWaitMs: Number(process.env['LOCK_WAIT_MS'] ?? 30_000),
};

async function holds(ledger: SqliteLedger): Promise<void> {
  const [prefix = '', count = '1', amount = '1'] = args;
  for (let at = 0; at < Number(count); at += 1) {
    const token = `${prefix}${at}`;
    await openHold(ledger, { token, account: 'ml-7', amount });
    answer(token);
  }
}

function answer(token: string): void {
  const size =
    process.env['WAL_SIZES'] === undefined ? '' : ` ${statSync(`${place.file}-wal`).size}`;
  writeSync(1, `${token}${size}\n`);
}

async function stopInside(ledger: SqliteLedger): Promise<void> {
  await write(ledger, { verb: 'stop' }, {}, () => {
    process.kill(process.pid, 'SIGSTOP');
    return { changes: [{ change: 'putNote', name: 'stopped', value: 'yes' }], answer: null };
  });
  writeSync(1, 'continued\n');
}

async function perform(ledger: SqliteLedger): Promise<void> {
  if (operation === 'holds') {
    await holds(ledger);
  } else if (operation === 'seed') {
    await seedAccount(ledger, { name: 'ml-7', deposit: args[0] ?? '1000' });
  } else if (operation === 'stop') {
    await stopInside(ledger);
  } else {
    const [token = '', amount = '1'] = args;
    await chargeHold(ledger, { token, amount });
    answer(token);
  }
  if (process.env['KILL_AT_END'] !== undefined) {
    process.kill(process.pid, 'SIGKILL');
  }
}

async function work(): Promise<void> {
  if (operation === 'migrate') {
    const { from, to } = await migrateLedger(place, NOW_US);
    writeSync(1, `${from} ${to}\n`);
    return;
  }
  const ledger = new SqliteLedger({
    place,
    clock: { nowUs: () => NOW_US },
    actor: { uid: process.getuid?.() ?? 0, name: 'worker' },
    clusterName: 'hpc1',
    dayOf: (epochS) => dayOf(epochS, 'UTC'),
  });
  try {
    await perform(ledger);
  } finally {
    ledger.close();
  }
}

work().catch((error: unknown) => {
  writeSync(2, `${String(error)}\n`);
  process.exitCode = error instanceof Fault ? error.exitCode : 1;
});
