// `allocations process` of 10,000 schedules of which one date each is due, on a fresh ledger; the write
// lock is given up after each few hundred. Node 24 with the sources, FULL sync.
import { chmodSync, mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { migrateLedger } from '../../src/adapters/sqlite/migrate.ts';
import { SqliteLedger } from '../../src/adapters/sqlite/sqlite-ledger.ts';
import { dayOf } from '../../src/core/grant/calendar.ts';
import { parseAmount } from '../../src/core/money/money.ts';
import { processAllocations } from '../../src/flows/steps/process-allocations.ts';
import { work } from './tools.mjs';

const ZONE = 'America/New_York';
const SILENT = { write: () => undefined };
const LIMIT_S = 3;
const LOCK_MS = 1500;
const clock = { nowUs: () => Date.now() * 1000 };

function ledgerIn(directory) {
  return {
    place: {
      file: join(directory, 'asbb.db'),
      stateDirectory: directory,
      slurmUser: userInfo().username,
      lockWaitMs: 30_000,
      autoMigrate: false,
      allowFsMagic: [],
      allowVolatile: true,
    },
    clock,
    actor: { uid: process.getuid(), name: userInfo().username },
    clusterName: 'bench',
    dayOf: (epochS) => dayOf(epochS, ZONE),
  };
}

function rowsOf(view, n) {
  const id = n + 1;
  const account = {
    ...{ accountId: id, name: `group-${id}`, status: 'active', startS: 0, endS: 4_000_000_000 },
    ...{ title: `Group ${id}`, description: '', createdUs: view.nowUs, updatedUs: view.nowUs },
  };
  const budget = { budgetId: id, accountId: id, rank: 0, basis: 'direct', closed: false };
  const schedule = {
    ...{ scheduleId: id, budgetId: id, total: parseAmount('1200'), amount: parseAmount('100') },
    ...{ unspent: n % 10 === 0 ? 'lapse' : 'carry', frequency: 'monthly', status: 'active' },
    ...{ auto: true, startDay: view.today, anchorDay: view.today, anchorIndex: 0 },
    ...{ nextDay: view.today, createdUs: view.nowUs, updatedUs: view.nowUs },
  };
  return [
    { change: 'putAccount', row: account },
    { change: 'putBudget', row: budget },
    { change: 'putSchedule', row: schedule },
  ];
}

export async function measureAllocations({ isQuick }) {
  const count = isQuick ? 1000 : 10_000;
  const directory = join(work, 'allocations');
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o750);
  const options = ledgerIn(directory);
  await migrateLedger(options.place, clock.nowUs());
  const ledger = new SqliteLedger(options);
  await ledger.decide({ scope: 'site', verb: 'bench', args: {} }, {}, (view) => ({
    changes: Array.from({ length: count }, (_, n) => rowsOf(view, n)).flat(),
    answer: null,
  }));
  let longest = 0;
  const timed = {
    read: (query) => ledger.read(query),
    decide: async (...asked) => {
      const begin = performance.now();
      const answer = await ledger.decide(...asked);
      longest = Math.max(longest, performance.now() - begin);
      return answer;
    },
  };
  const ports = { ledger: timed, zone: ZONE, log: SILENT };
  const cpu = process.cpuUsage();
  const begin = performance.now();
  const { allocations } = await processAllocations({ verb: 'bench' }, ports);
  const seconds = (performance.now() - begin) / 1000;
  const used = process.cpuUsage(cpu);
  const own = (used.user + used.system) / 1e6;
  const again = performance.now();
  await processAllocations({ verb: 'bench' }, ports);
  const idle = performance.now() - again;
  ledger.close();
  const limit = (LIMIT_S * count) / 10_000;
  return [
    {
      what: `process ${allocations.length} schedules, one date each: own time`,
      ...{ value: own, unit: 's', target: `≤ ${limit} s`, ok: own <= limit },
    },
    { what: 'the same by the clock on the wall', value: seconds, unit: 's' },
    {
      what: 'longest transaction of it (a submit waits so long at most)',
      ...{ value: longest, unit: 'ms', target: `≤ ${LOCK_MS} ms`, ok: longest <= LOCK_MS },
    },
    { what: 'process when nothing is due', value: idle, unit: 'ms' },
    { what: 'memory', value: process.memoryUsage.rss() / 1e6, unit: 'MB' },
  ];
}
