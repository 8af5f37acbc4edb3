// hook submit as a whole process, alone and in a crowd, beside a bare Node and beside C.
import { spawnSync } from 'node:child_process';
import {
  BUN,
  compile,
  installedNode,
  readySite,
  SEA,
  spawnbench,
  writeRequests,
} from './tools.mjs';

let numbered = 0;

/** As job_submit.lua starts it (src/core/slurm/conf/lua.ts). */
const NO_JIT = 'BUN_JSC_useJIT=0';

const ratio = (what, value, target, limit) => ({
  what,
  value,
  unit: 'x',
  target,
  ok: value <= limit,
});

function processRows(name, { p50, p99, cpu, rss_kb: rss, fails }) {
  return [
    { what: `${name}: p50`, value: p50, unit: 'ms' },
    { what: `${name}: p99`, value: p99, unit: 'ms' },
    { what: `${name}: CPU`, value: cpu, unit: 'ms' },
    { what: `${name}: RSS`, value: rss / 1024, unit: 'MB' },
    ...(fails === 0
      ? []
      : [{ what: `${name}: failed starts`, value: fails, unit: '', ok: false, target: '0' }]),
  ];
}

/** The numbers run on over all cases, so each site has the file of every start. */
function inTurn(program, cases, { sites, rounds, warm }) {
  spawnSync('sync'); // what a build wrote is on the disk, or our fsyncs would wait for it
  const count = (rounds + warm) * cases.length;
  const first = sites.map((site) => writeRequests(site, count, numbered))[0];
  numbered += count;
  return spawnbench(program, cases, '-n', rounds, '-w', warm, '-s', first);
}

export function measureSubmit({ isQuick }) {
  const program = compile('spawnbench.c');
  const native = compile('native-tx.c', '-lsqlite3');
  const node = installedNode();
  if (program === undefined) {
    return [{ what: 'whole processes', skipped: 'no C compiler (apt-get install gcc)' }];
  }
  const rounds = isQuick ? 30 : 300;
  const warm = 5;
  const sites = Object.fromEntries(['bun', 'sea', 'c'].map((name) => [name, readySite(name)]));
  // What is compared takes turns by itself; the slower starts would push it out of the caches.
  const compared = [
    ['submit', NO_JIT, `ASBB_CONFIG=${sites.bun.config}`, BUN, 'hook', 'submit', '%N'],
    ...(node === undefined ? [] : [['node -e 0', node.file, '-e', '0']]),
    ...(native === undefined
      ? []
      : [['C', native, `${sites.c.root}/state/asbb.db`, sites.c.submit, '%N']]),
  ];
  const others = [
    ['submit, SEA', `ASBB_CONFIG=${sites.sea.config}`, SEA, 'hook', 'submit', '%N'],
    ['no database', NO_JIT, `ASBB_CONFIG=${sites.bun.config}`, BUN, 'hook', 'submit', 'nope'],
    ['account list', `ASBB_CONFIG=${sites.bun.config}`, BUN, 'account', 'list'],
  ];
  const few = Math.ceil(rounds / 3);
  const rows = {
    ...inTurn(program, compared, { sites: [sites.bun, sites.c], rounds, warm }),
    ...inTurn(program, others, { sites: [sites.sea], rounds: few, warm }),
  };
  const submit = rows['submit'];
  const figures = Object.entries(rows)
    .filter(([name]) => name !== 'no database')
    .flatMap(([name, row]) =>
      processRows(name === 'node -e 0' ? `node ${node.version} -e 0` : name, row),
    );
  const { p50, p99, rss_kb: rss } = submit;
  return [
    ...figures,
    {
      what: 'start without a database (no such request): p50',
      value: rows['no database'].p50,
      unit: 'ms',
    },
    node === undefined
      ? { what: 'submit : node -e 0', skipped: 'no Node but our own' }
      : ratio(
          'submit p50 : node -e 0 of the installed Node',
          p50 / rows['node -e 0'].p50,
          '<= 0.65',
          0.65,
        ),
    native === undefined
      ? { what: 'submit : C', skipped: 'no C compiler or sqlite3.h (libsqlite3-dev)' }
      : ratio('submit p50 : the same transaction in C', p50 / rows['C'].p50, '<= 7', 7),
    ratio('submit p99 : its p50', p99 / p50, '<= 1.6', 1.6),
    { what: 'submit RSS', value: rss / 1024, unit: 'MB', target: '<= 60', ok: rss / 1024 <= 60 },
  ];
}

export function measureStorm({ isQuick }) {
  const program = compile('spawnbench.c');
  if (program === undefined) {
    return [{ what: '64 at once', skipped: 'no C compiler (apt-get install gcc)' }];
  }
  const count = isQuick ? 320 : 1600;
  const site = readySite('storm');
  const first = writeRequests(site, count);
  const { storm } = spawnbench(
    program,
    [['storm', NO_JIT, `ASBB_CONFIG=${site.config}`, BUN, 'hook', 'submit', '%N']],
    ...['-n', count, '-j', 64, '-s', first],
  );
  const held = JSON.parse(
    site.asbb('transactions', 'list', '--type', 'hold', '--limit', '10000', '--json'),
  ).length;
  site.asbb('ledger', 'verify'); // throws unless it exits 0
  return [
    {
      what: `${count} holds, 64 at once: holds in the books`,
      value: held,
      unit: '',
      target: `= ${count}`,
      ok: held === count,
    },
    {
      what: 'refused or failed',
      value: storm.fails,
      unit: '',
      target: '= 0',
      ok: storm.fails === 0,
    },
    { what: 'holds a second', value: storm.per_second, unit: '/s' },
    { what: 'p50, whole process', value: storm.p50, unit: 'ms' },
    {
      what: 'p99, whole process (reliability 2.2: 259 ms with a queue, 432 without, ledger part)',
      value: storm.p99,
      unit: 'ms',
    },
    { what: 'slowest', value: storm.max, unit: 'ms' },
  ];
}
