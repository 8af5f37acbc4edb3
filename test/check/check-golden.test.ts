import { describe, expect, it } from 'vitest';
import { type Step, words } from '../support/golden.ts';
import { playChecks, setup } from './golden.ts';

const YEAR = ['--start', '2026-01-01', '--end', '2026-12-31'];
const JOB = words('--account ml-7 --user ada --partition cpu');

const STEPS: readonly Step[] = [
  setup([...words('account create --account ml-7 --name ML --budget 1000'), ...YEAR]),
  setup(
    words('account create --account old --name Old --budget 5 --start 2025-01-01 --end 2025-12-31'),
  ),
  setup(
    words('account create --account new --name New --budget 5 --start 2027-02-01 --end 2027-12-31'),
  ),
  setup(words('account limit set ml-7 --partition gpu --limit 300')),
  { name: 'check-dry', args: ['check', ...JOB, ...words('--cpus 16 --time 2h --dry-run')] },
  { name: 'check', args: ['check', ...JOB, ...words('--cpus 16 --time 2h')] },
  { name: 'check-key', args: ['check', ...JOB, ...words('--time 3h --key one')] },
  { name: 'check-key-again', args: ['check', ...JOB, ...words('--time 3h --key one')] },
  { name: 'check-key-other', args: ['check', ...JOB, ...words('--time 4h --key one')], code: 3 },
  { name: 'check-job', args: ['check', ...JOB, ...words('--job-id job_4711')] },
  { name: 'check-job-again', args: ['check', ...JOB, ...words('--job-id 4711')], code: 3 },
  {
    name: 'check-given',
    args: ['check', ...JOB, ...words('--estimated-cost 125.00 --profile compute_intensive')],
  },
  {
    name: 'check-partition',
    args: words('check --account ml-7 --user ada --partition gpu --estimated-cost 200'),
  },
  {
    name: 'check-partition-full',
    args: words('check --account ml-7 --user ada --partition cpu,gpu --estimated-cost 60'),
    code: 10,
    answers: true,
  },
  {
    name: 'check-too-dear',
    args: ['check', ...JOB, ...words('--nodes 500 --cpus 100 --time 10h')],
    code: 10,
    answers: true,
  },
  {
    name: 'check-burst',
    args: words('check --account ml-7 --user ada --partition aws --cpus 1 --time 30'),
  },
  { name: 'check-ended', args: words('check --account old --time 1h'), code: 3 },
  { name: 'check-early', args: words('check --account new --time 1h'), code: 3 },
  { name: 'check-unknown', args: words('check --account ml7 --time 1h'), code: 3 },
  { name: 'check-time', args: ['check', ...JOB, '--time', 'soon'], code: 2 },
  { name: 'check-endless', args: ['check', ...JOB, '--time', 'UNLIMITED'], code: 2 },
  { name: 'check-cost', args: ['check', ...JOB, '--estimated-cost', '1e3'], code: 2 },
  { name: 'check-nodes', args: ['check', ...JOB, '--nodes', '0'], code: 2 },
  { name: 'check-job-bad', args: ['check', ...JOB, '--job-id', '12a'], code: 2 },
  {
    name: 'quick-check',
    args: words('quick-check --account ml-7 --partition=cpu --nodes=4 --cpus=16 --time=2h'),
  },
  {
    name: 'quick-check-no',
    args: words('quick-check --account ml-7 --partition=cpu --nodes=900 --cpus=64 --time=2-0'),
    code: 10,
    answers: true,
  },
  { name: 'quick-check-none', args: words('quick-check --nodes=4'), code: 2 },
  { name: 'account-show-held', args: words('account show ml-7') },
  { name: 'status', args: words('status ml-7') },
  { name: 'remaining', args: words('remaining ml-7') },
  { name: 'remaining-unknown', args: words('remaining ml7'), code: 3 },
  { name: 'hold-release-dry', args: words('hold release txn_<1> --dry-run') },
  { name: 'hold-release', args: words('hold release txn_<1> --reason cancelled') },
  { name: 'hold-release-again', args: words('hold release txn_<1>') },
  { name: 'hold-release-charge', args: words('hold release txn_1'), code: 2 },
  { name: 'hold-release-unknown', args: words('hold release txn_999'), code: 3 },
];

describe('check and its family', () => {
  const sites = playChecks(STEPS);

  it('takes account and partition from the environment', async () => {
    process.env['ASBB_ACCOUNT'] = 'ml-7';
    process.env['ASBB_DEFAULT_PARTITION'] = 'gpu';
    try {
      const plain = sites.plain();
      expect(await plain.ok('remaining')).toBe(await plain.ok('remaining', 'ml-7'));
      const named = await plain.ok(...words('quick-check --account ml-7 --partition gpu'));
      expect(await plain.ok('quick-check')).toBe(named);
      expect(named).not.toBe(await plain.ok(...words('quick-check --partition cpu')));
    } finally {
      delete process.env['ASBB_ACCOUNT'];
      delete process.env['ASBB_DEFAULT_PARTITION'];
    }
  });
});
