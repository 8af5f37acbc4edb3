import { assert, isRefused } from '../../src/core/errors.ts';
import type { CliSite } from '../support/cli.ts';
import { place, tryCharge } from '../support/policy.ts';

/** What stands in the books under a name that nobody chose. */
export interface Names {
  readonly hold: string;
  readonly charge: string;
  readonly deposit: string;
  readonly root: string;
}

const GRANT = ['--agency=Agency', '--pi=Dr P', '--institution=University'];
const YEARS = ['--start=2025-01-01', '--end=2027-12-31'];
const SUBMIT_S = 1_795_262_000;

function words(text: string): readonly string[] {
  return text.split(' ');
}

interface Listed {
  readonly transaction_id: string;
}

async function only(site: CliSite, type: string): Promise<string> {
  const listed = await site.json('transactions', 'list', '--type', type);
  const [first] = listed as readonly Listed[];
  assert(first !== undefined, `no ${type} in the books`);
  return first.transaction_id;
}

/** One of everything that a command can be asked about. */
export async function fillBooks(site: CliSite): Promise<Names> {
  const number = '--number=NSF-2025-12345';
  await site.ok('grant', 'create', number, '--amount=750000', ...GRANT, ...YEARS);
  const carry = words('--number=CARRY-1 --amount=30000 --carryover=prior-approval --base=none');
  await site.ok('grant', 'create', ...carry, '--indirect=0', ...GRANT, ...YEARS);
  await site.ok(...words('account create --account ml-7 --name ML --budget 100'), ...YEARS);
  await site.ok(...words('account create --account ml-7b --name Part --budget 50'), ...YEARS);
  const shared = words('account create --account shared --name Shared --grant NSF-2025-12345');
  await site.ok(...shared, '--budget=500', ...YEARS);
  await site.ok(...words('account limit set ml-7 --partition aws --limit 50'));
  await site.ok(...words('account deposit ml-7 --amount 5'));
  const deposit = await only(site, 'fund');
  const terms = words('--total-budget 100 --allocation-amount 10 --allocation-frequency monthly');
  await site.ok(...words('allocations create --account ml-7b'), ...terms);
  await site.ok(
    ...words('deadline add --account ml-7 --type CONFERENCE --date 2026-11-23'),
    '--description=Paper',
  );
  const ledger = site.ledger();
  const charged = await tryCharge(
    ledger,
    await place(ledger, { account: 'ml-7', task: '20' }),
    '9',
  );
  assert(!isRefused(charged), 'the first hold can be charged');
  const run = { jobId: 41, arrayTask: -1, submitS: SUBMIT_S, restart: 0 };
  const hold = `txn_${await place(ledger, { account: 'ml-7', task: '10', run })}`;
  const charge = await only(site, 'charge');
  await site.asbb('alerts', 'check');
  return { hold, charge, deposit, root: site.root };
}
