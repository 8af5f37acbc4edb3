import { type Step, words } from '../support/golden.ts';

const DAY_S = 86_400;
const YEAR = ['--start', '2026-01-01', '--end', '2027-12-31'];

function incremental(account: string, terms: string): readonly string[] {
  const [total = '', amount = '', frequency = ''] = terms.split(' ');
  return [
    ...words(`account create --account ${account} --name Group --incremental`),
    ...['--total-budget', total, '--allocation-amount', amount],
    ...['--allocation-frequency', frequency, ...YEAR],
  ];
}

function later(days: number): Step {
  return {
    between: async (site) => {
      site.forward(days * DAY_S);
      await Promise.resolve();
    },
  };
}

/** From 2026-11-21 on. */
export const SCENARIO: readonly Step[] = [
  { name: 'list-none', args: words('allocations list') },
  { name: 'create-dry-run', args: [...incremental('ml-7', '2400 100 monthly'), '--dry-run'] },
  { name: 'account-create', args: incremental('ml-7', '2400 100 monthly') },
  {
    name: 'account-create-incomplete',
    args: [...words('account create --account x --name X --incremental --total-budget 5'), ...YEAR],
    code: 2,
  },
  {
    name: 'account-create-not-incremental',
    args: [...words('account create --account x --name X --budget 5 --total-budget 5'), ...YEAR],
    code: 2,
  },
  { name: 'account-show', args: words('account show ml-7') },
  { name: 'account-list', args: words('account list') },
  { name: 'list', args: words('allocations list') },
  { name: 'show', args: words('allocations show 1') },
  { name: 'show-unknown', args: words('allocations show 9'), code: 3 },
  { name: 'show-bad', args: words('allocations show ml-7'), code: 2 },
  { name: 'process-nothing', args: words('allocations process') },
  later(20),
  { name: 'process-dry-run', args: words('allocations process --dry-run') },
  { name: 'process', args: words('allocations process') },
  { name: 'process-again', args: words('allocations process') },
  { name: 'transactions', args: words('transactions list --account ml-7 --limit 3') },
  { name: 'transaction', args: words('transactions show alloc_1_20261201') },
  { name: 'pause', args: words('allocations pause 1') },
  later(40),
  { name: 'process-paused', args: words('allocations process') },
  { name: 'resume-dry-run', args: words('allocations resume 1 --skip-missed --dry-run') },
  { name: 'resume', args: words('allocations resume 1 --skip-missed') },
  {
    name: 'process-by-hand-too-much',
    args: [...words('allocations process --schedule 1 --amount 5000 --reason'), 'conference'],
    code: 2,
  },
  {
    name: 'process-by-hand',
    args: [...words('allocations process --schedule 1 --amount 33.333333 --reason'), 'conference'],
  },
  {
    name: 'process-by-hand-other',
    args: [...words('allocations process --schedule 1 --amount 5 --reason'), 'conference'],
    code: 3,
  },
  {
    name: 'process-by-hand-why',
    args: words('allocations process --schedule 1 --amount 5'),
    code: 2,
  },
  { name: 'update', args: words('allocations update 1 --amount 150 --frequency weekly') },
  { name: 'update-nothing', args: words('allocations update 1'), code: 2 },
  { name: 'update-bad', args: words('allocations update 1 --frequency hourly'), code: 2 },
  { name: 'show-later', args: words('allocations show 1') },
  {
    name: 'create',
    args: words(
      'allocations create --account ml-7 --total-budget 350 --allocation-amount 100 --allocation-frequency quarterly --start 2027-01-31 --unspent lapse',
    ),
  },
  {
    name: 'create-unknown',
    args: words(
      'allocations create --account ml7 --total-budget 350 --allocation-amount 100 --allocation-frequency daily',
    ),
    code: 3,
  },
  {
    name: 'create-bad-amount',
    args: words(
      'allocations create --account ml-7 --total-budget 1e3 --allocation-amount 100 --allocation-frequency daily',
    ),
    code: 2,
  },
  { name: 'list-two', args: words('allocations list --account ml-7') },
  { name: 'account-show-two', args: words('account show ml-7') },
  {
    name: 'other-account',
    args: [...words('account create --account ml-8 --name Other --budget 10'), ...YEAR],
  },
  {
    name: 'transfer-dry-run',
    args: words('account transfer ml-7 ml-8 --amount 5 --reason shared --dry-run'),
  },
  { name: 'transfer', args: words('account transfer ml-7 ml-8 --amount 5 --reason shared') },
  {
    name: 'transfer-too-much',
    args: words('account transfer ml-8 ml-7 --amount 500 --reason shared'),
    code: 10,
  },
  { name: 'adjust', args: words('account adjust ml-8 --amount 12.5 --reason storage') },
  {
    name: 'adjust-below',
    args: words('account adjust ml-8 --amount -13 --reason storage'),
    code: 2,
  },
  {
    name: 'reverse-dry-run',
    args: words('transactions reverse alloc_1_20260201 --reason wrong --dry-run'),
  },
  { name: 'reverse', args: words('transactions reverse alloc_1_20260201 --reason wrong') },
  { name: 'show-reversed', args: words('allocations show 1') },
  { name: 'approve-unknown', args: words('transactions approve 7'), code: 3 },
  { name: 'refund-unknown', args: words('transactions refund txn_1 --reason none'), code: 3 },
  {
    name: 'adjust-unknown',
    args: words('transactions adjust txn_1 --amount 1 --reason x'),
    code: 3,
  },
  { name: 'cancel', args: words('allocations cancel 1') },
  { name: 'resume-cancelled', args: words('allocations resume 1'), code: 2 },
  { name: 'list-cancelled', args: words('allocations list --status cancelled') },
  { name: 'list-bad', args: words('allocations list --status done'), code: 2 },
  { name: 'process-as-of-bad', args: words('allocations process --as-of soon'), code: 2 },
];
