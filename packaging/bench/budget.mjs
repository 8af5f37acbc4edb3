// The budget side after 10^4 and after 10^6 transactions on a thousand accounts: own time above start-up,
// whether it grows with the ledger, memory. The ledgers take turns.
import { temporaryPlace } from '../../test/support/place.ts';
import { ACCOUNTS, fillBudgets } from './budget-ledger.mjs';
import { BUN, bareSite, costOf } from './tools.mjs';

const MEGABYTES_MAX = 150;
const MS_MAX = 300;
const GROWTH_MAX = 1.2;

const CASES = [
  ['burn-rate of an account', 'burn-rate lab-0500 --period 1y --projection'],
  ['burn-rate of a grant', 'burn-rate NSF-2026-00050 --period 1y --projection'],
  [`account list of ${ACCOUNTS}`, 'account list'],
  [`account list of ${ACCOUNTS} --json`, 'account list --json'],
  ['SF-425 of a grant', 'grant report NSF-2026-00050 --type financial --format json'],
  ['usage summary', 'usage summary'],
  ['account show', 'account show lab-0500'],
  ['grant show', 'grant show NSF-2026-00050'],
];
/** Beside the targets of the issue: what would be noticed. */
const SHOWN = [
  ['transactions list', 'transactions list'],
  ['transactions list of an account', 'transactions list --account lab-0500'],
  ['usage show of an account', 'usage show lab-0500 --group-by user'],
  ['usage summary of a month', 'usage summary --start 2026-06-01 --end 2026-06-30'],
];

function siteOf(transactions) {
  const { state, env } = bareSite(`budget-${transactions}`);
  fillBudgets(temporaryPlace(state), transactions);
  return env;
}

/** CPU time in ms and memory, where the machine can tell; else what the clock says. */
function run(words, env) {
  const { wallMs, cpuMs, megabytes } = costOf([BUN, ...words], env);
  return { ms: cpuMs ?? wallMs, megabytes };
}

/** Mean of the better half: others use the machine too. */
function usual(runs) {
  const half = runs
    .map(({ ms }) => ms)
    .toSorted((x, y) => x - y)
    .slice(0, Math.ceil(runs.length / 2));
  return half.reduce((x, y) => x + y, 0) / half.length;
}

/** Own time in ms above start-up on each ledger, in turns; and the most memory of the last one's runs. */
function measured(words, envs, rounds) {
  const start = [];
  const runs = envs.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    start.push(run(['version'], envs[0]));
    for (const [at, env] of envs.entries()) {
      runs[at].push(run(words, env));
    }
  }
  const megabytes =
    runs.at(-1)[0].megabytes && Math.max(...runs.at(-1).map((each) => each.megabytes));
  return { own: runs.map((each) => usual(each) - usual(start)), megabytes };
}

function rowsOf([what, line], envs, rounds) {
  const words = line.split(' ');
  const { own, megabytes } = measured(words, envs, rounds);
  const [few, many] = own;
  const rows = [
    { what, value: many, unit: 'ms', target: `<= ${MS_MAX}`, ok: many <= MS_MAX },
    {
      what: `${what}: against the small ledger`,
      value: many / few,
      unit: 'x',
      target: `<= ${GROWTH_MAX}`,
      ok: many / few <= GROWTH_MAX,
    },
  ];
  if (megabytes === undefined) {
    return [...rows, { what: `${what}: memory`, skipped: 'no C compiler' }];
  }
  const value = megabytes;
  const target = `<= ${MEGABYTES_MAX}`;
  return [
    ...rows,
    { what: `${what}: memory`, value, unit: 'MB', target, ok: value <= MEGABYTES_MAX },
  ];
}

export function measureBudget({ isQuick }) {
  const sizes = isQuick ? [10_000, 100_000] : [10_000, 1_000_000];
  const envs = sizes.map(siteOf);
  const rounds = isQuick ? 5 : 15;
  const judged = CASES.flatMap((each) => rowsOf(each, envs, rounds));
  const shown = SHOWN.map(([what, line]) => ({
    what,
    value: measured(line.split(' '), envs.slice(1), 3).own[0],
    unit: 'ms',
  }));
  const size = { what: 'transactions of the large ledger', value: sizes[1], unit: '' };
  return [size, ...judged, ...shown];
}
