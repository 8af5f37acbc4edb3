// `allocations process` of 10,000 schedules of which one date each is due, on a fresh ledger: the executable
// as cron would start it, and in this process (Node 24 with the sources) how long it keeps the write lock.
import { chmodSync, copyFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { SqliteLedger } from '../../src/adapters/sqlite/sqlite-ledger.ts';
import { SystemClock } from '../../src/adapters/system/system-clock.ts';
import { dayOf } from '../../src/core/grant/calendar.ts';
import { parseAmount } from '../../src/core/money/money.ts';
import { processAllocations } from '../../src/flows/steps/process-allocations.ts';
import { temporaryPlace } from '../../test/support/place.ts';
import { BUN, bareSite, costOf, work } from './tools.mjs';

const ZONE = 'America/New_York';
const SILENT = { write: () => undefined };
const LIMIT_S = 3;
const LOCK_MS = 1500;
const MEGABYTES_MAX = 150;
const ROUNDS = 3;
const clock = new SystemClock(undefined);

function ledgerIn(directory) {
  return {
    place: temporaryPlace(directory),
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

/** A site whose ledger has so many schedules, due today. */
async function siteWith(count) {
  const site = bareSite('allocations');
  const ledger = new SqliteLedger(ledgerIn(site.state));
  await ledger.decide({ scope: 'site', verb: 'bench', args: {} }, {}, (view) => ({
    changes: Array.from({ length: count }, (_, n) => rowsOf(view, n)).flat(),
    answer: null,
  }));
  ledger.close();
  return site;
}

/** The longest transaction in ms, and ms when nothing is due any more. */
async function inProcess(directory) {
  const ledger = new SqliteLedger(ledgerIn(directory));
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
  const ports = { ledger: timed, zone: ZONE, log: SILENT, clock };
  await processAllocations({ verb: 'bench' }, ports);
  const again = performance.now();
  await processAllocations({ verb: 'bench' }, ports);
  const idle = performance.now() - again;
  ledger.close();
  return { longest, idle };
}

/** The ledger as it was before: each run has every schedule due. */
function putBack(fresh, site) {
  copyFileSync(fresh, join(site.state, 'asbb.db'));
  chmodSync(join(site.state, 'asbb.db'), 0o640);
}

export async function measureAllocations({ isQuick }) {
  const count = isQuick ? 1000 : 10_000;
  const site = await siteWith(count);
  const fresh = join(work, 'allocations.fresh');
  copyFileSync(join(site.state, 'asbb.db'), fresh);
  const runs = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    putBack(fresh, site);
    runs.push(costOf([BUN, 'allocations', 'process'], site.env));
  }
  const [usual] = runs.toSorted((a, b) => a.cpuMs - b.cpuMs).slice(Math.floor(ROUNDS / 2));
  putBack(fresh, site);
  const { longest, idle } = await inProcess(site.state);
  const seconds = (usual.cpuMs ?? usual.wallMs) / 1000;
  const value = Math.max(...runs.map(({ megabytes }) => megabytes));
  return [
    {
      what: `allocations process of ${count} schedules: own time, start-up and all`,
      ...{ value: seconds, unit: 's', target: `<= ${LIMIT_S}`, ok: seconds <= LIMIT_S },
    },
    { what: 'the same by the clock on the wall', value: usual.wallMs / 1000, unit: 's' },
    usual.megabytes === undefined
      ? { what: 'its memory', skipped: 'no C compiler' }
      : {
          what: 'its memory',
          ...{ value, unit: 'MB', target: `<= ${MEGABYTES_MAX}`, ok: value <= MEGABYTES_MAX },
        },
    {
      what: 'longest transaction of it (a submit waits so long at most)',
      ...{ value: longest, unit: 'ms', target: `<= ${LOCK_MS}`, ok: longest <= LOCK_MS },
    },
    { what: 'process when nothing is due', value: idle, unit: 'ms' },
  ];
}
