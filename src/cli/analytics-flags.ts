import { Flags } from '@oclif/core';

export const analyticsFlags = {
  period: Flags.string({ summary: 'Back from today: 7d, 4w, 6m, 1y.', default: '30d' }),
  account: Flags.string({ summary: 'Only jobs of this account.', env: 'ASBB_ACCOUNT' }),
  partition: Flags.string({ summary: 'Only jobs in this partition.' }),
  'as-of': Flags.string({ summary: 'As if it were this day, YYYY-MM-DD.' }),
};
