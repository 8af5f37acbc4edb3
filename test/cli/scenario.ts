import { expireHold, releaseHold } from '../../src/core/ledger/end-hold.ts';
import { splitHold } from '../../src/core/ledger/split-hold.ts';
import type { CliSite } from '../support/cli.ts';
import { type Step, words } from '../support/golden.ts';
import { askKeyless, place, tryCharge } from '../support/policy.ts';

function token(letter: string): string {
  return letter.repeat(26);
}

/** Jobs as the hooks would book them: one charged, one array, one cancelled, one expired, one open. */
async function jobs(site: CliSite): Promise<void> {
  const ledger = site.ledger();
  const run = { jobId: 4711, arrayTask: -1, submitS: 1_795_262_400, restart: 0 };
  const asked = { account: 'ml-7' };
  await place(ledger, { ...asked, token: token('a'), task: '100', run });
  site.forward(3600);
  await tryCharge(ledger, token('a'), '61.25');
  await place(ledger, { ...asked, token: token('b'), task: '7.5', tasks: 4 });
  await askKeyless(ledger, { holds: { tokens: [token('b')], children: true } }, (view) =>
    splitHold(view, {
      token: token('b'),
      tasks: [0, 2].map((arrayTask) => ({
        arrayTask,
        jobId: 4712,
        submitS: view.nowS,
        expiresS: view.nowS + 3600,
      })),
    }),
  );
  await tryCharge(ledger, `${token('b')}.0`, '9.125');
  await tryCharge(ledger, `${token('b')}.0`, '9.000001', { amend: true });
  await place(ledger, { ...asked, token: token('c'), task: '33.333333' });
  await askKeyless(ledger, { holds: { tokens: [token('c')] } }, (view) =>
    releaseHold(view, { token: token('c'), cause: 'recovery' }),
  );
  await tryCharge(ledger, token('c'), '0.5');
  await place(ledger, { ...asked, token: token('d'), task: '1' });
  site.forward(7200);
  await askKeyless(ledger, { holds: { tokens: [token('d')] } }, (view) =>
    expireHold(view, { token: token('d') }),
  );
  await place(ledger, { ...asked, token: token('e'), task: '12', partitions: ['hpc'] });
}

const YEAR = ['--start', '2026-01-01', '--end', '2026-12-31'];

/** A day of an administrator, from an empty ledger on. */
export const SCENARIO: readonly Step[] = [
  { name: 'account-list-none', args: words('account list') },
  { name: 'transactions-list-none', args: words('transactions list') },
  {
    name: 'account-create-dry-run',
    args: [...words('account create --account ml-7 --name Draft --budget 1 --dry-run'), ...YEAR],
  },
  {
    name: 'account-create',
    args: [
      ...words('account create --account ml-7 --budget 1000 --slurm-account ml7-gpu'),
      ...['--name', 'Machine learning 7', '--description', 'Group of A. Lovelace'],
      ...YEAR,
    ],
  },
  {
    name: 'account-create-duplicate',
    args: [...words('account create --account ml7-gpu --name Other --budget 5'), ...YEAR],
    code: 3,
  },
  {
    name: 'account-create-below',
    args: [
      ...words('account create --account ml-7b --name Part --budget 250.5 --parent ml-7'),
      ...YEAR,
    ],
  },
  {
    name: 'account-create-long',
    args: [
      ...words('account create --budget 999999 --account physics_of_condensed_matter.2026'),
      ...['--name', 'Physics of condensed matter: a name that no table of 80 columns can hold'],
      ...YEAR,
    ],
  },
  { name: 'account-deposit', args: words('account deposit ml-7 --amount 50.25 --reason top-up') },
  { name: 'account-deposit-dry-run', args: words('account deposit ml-7 --amount 9 --dry-run') },
  { name: 'account-limit-list-none', args: words('account limit list ml-7') },
  { name: 'account-limit-set', args: words('account limit set ml-7 --partition aws --limit 300') },
  {
    name: 'account-limit-set-other',
    args: words('account limit set ml-7 --partition hpc --limit 20'),
  },
  { between: jobs },
  { name: 'account-limit-list', args: words('account limit list ml-7') },
  {
    name: 'account-limit-set-below',
    args: words('account limit set ml-7 --partition aws --limit 1.005'),
    code: 3,
  },
  { name: 'account-limit-remove', args: words('account limit remove ml-7 --partition hpc') },
  {
    name: 'account-limit-remove-none',
    args: words('account limit remove ml-7 --partition hpc'),
    code: 3,
  },
  { name: 'account-list', args: words('account list') },
  { name: 'account-list-page', args: words('account list --limit 1 --offset 1 --wide') },
  { name: 'account-show', args: words('account show ml-7') },
  { name: 'account-show-child', args: words('account show ml-7b') },
  { name: 'account-show-unknown', args: words('account show ml7'), code: 3 },
  { name: 'account-update', args: words('account update ml-7 --budget 1100 --end 2027-06-30') },
  { name: 'account-update-again', args: words('account update ml-7 --budget 1100') },
  { name: 'account-update-below', args: words('account update ml-7 --budget 80'), code: 3 },
  { name: 'account-update-forced', args: words('account update ml-7 --budget 80 --force') },
  { name: 'account-update-nothing', args: words('account update ml-7'), code: 2 },
  { name: 'account-update-status', args: words('account update ml-7 --status suspended') },
  { name: 'transactions-list', args: words('transactions list') },
  { name: 'transactions-list-all', args: words('transactions list --all --limit 5') },
  { name: 'transactions-list-wide', args: words('transactions list --type hold --wide') },
  { name: 'transactions-list-pending', args: words('transactions list --status pending') },
  { name: 'transactions-list-job', args: words('transactions list --job 4712_0') },
  { name: 'transactions-list-bad', args: words('transactions list --last soon'), code: 2 },
  { name: 'transactions-show-hold', args: ['transactions', 'show', `txn_${token('a')}`] },
  { name: 'transactions-show-cut', args: words('transactions show txn_bbbbbbbb…') },
  { name: 'transactions-show-task', args: ['transactions', 'show', `txn_${token('b')}.0`] },
  { name: 'transactions-show-charge', args: words('transactions show txn_14') },
  { name: 'transactions-show-number', args: words('transactions show 1000') },
  { name: 'transactions-show-unknown', args: words('transactions show txn_999'), code: 3 },
  { name: 'account-delete-in-use', args: words('account delete ml-7'), code: 3 },
  { name: 'account-delete-dry-run', args: words('account delete ml-7b --force --dry-run') },
  { name: 'account-delete', args: words('account delete ml-7b') },
  { name: 'account-delete-forced', args: words('account delete ml-7b --force') },
  { name: 'version', args: words('version') },
  { name: 'unknown-command', args: words('acount lst'), code: 2 },
  { name: 'unknown-flag', args: words('account list --statsu active'), code: 2 },
];
