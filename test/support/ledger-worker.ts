// A process that does one thing to a ledger, as a hook does: for tests that kill it, starve it or let
// many of it run at once. Prints one line per answer, only after COMMIT has returned.
//   node ledger-worker.ts <directory> holds <prefix> <count> <dollars>
//   node ledger-worker.ts <directory> charge <token> <dollars>
//   node ledger-worker.ts <directory> migrate
import { writeSync } from 'node:fs';
import { migrateLedger } from '../../src/adapters/sqlite/migrate.ts';
import { SqliteLedger } from '../../src/adapters/sqlite/sqlite-ledger.ts';
import { Fault } from '../../src/core/errors.ts';
import { dayOf } from '../../src/core/grant/calendar.ts';
import { chargeHold, openHold } from './holds.ts';
import { temporaryPlace } from './place.ts';

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
    writeSync(1, `${token}\n`);
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
    if (operation === 'holds') {
      await holds(ledger);
    } else {
      const [token = '', amount = '1'] = args;
      await chargeHold(ledger, { token, amount });
      writeSync(1, `${token}\n`);
    }
  } finally {
    ledger.close();
  }
}

work().catch((error: unknown) => {
  writeSync(2, `${String(error)}\n`);
  process.exitCode = error instanceof Fault ? error.exitCode : 1;
});
