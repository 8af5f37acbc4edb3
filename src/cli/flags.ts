import { resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';

// Flags and arguments that several commands share. Values stay text: flows read amounts and dates, so
// that a wrong one is refused in the same words everywhere.

/** A file that a person named, from where they stand. */
export function absolutePath(file: string): string {
  return resolve(file);
}

/** `<account>`, by our own name. */
export const accountArg = Args.string({
  required: true,
  description: 'Name of the account, as SLURM knows it.',
});

/** Where reading only: ASBB_ACCOUNT when it is left out. */
export const readAccountArg = Args.string({
  description: 'Name of the account, as SLURM knows it; else ASBB_ACCOUNT.',
});

/** `<number>` of a grant. */
export const grantArg = Args.string({ required: true, description: 'Number of the grant.' });

/** For everything that changes the books. */
export const changeFlags = {
  'dry-run': Flags.boolean({ summary: 'Show what would be, change nothing.' }),
  key: Flags.string({
    summary: 'Key of this request: repeated with the same content it is done once.',
    helpValue: '<text>',
  }),
};

/** Rows that one call of a list may ask for. */
const ROWS_MAX = 10_000;

export const pageFlags = {
  limit: Flags.integer({ summary: 'Rows at most.', min: 1, max: ROWS_MAX }),
  offset: Flags.integer({ summary: 'Rows to leave out first.', min: 0 }),
  wide: Flags.boolean({ summary: 'Cut nothing, however wide the table gets.' }),
};

/** Which transactions of a list or an export. */
export const transactionFlags = {
  account: Flags.string({ summary: 'Only of this account.', env: 'ASBB_ACCOUNT' }),
  job: Flags.string({ summary: 'Only of this job, as 123 or 123_4.' }),
  type: Flags.string({ summary: 'hold, charge, refund, adjustment, allocation, fund, …' }),
  status: Flags.string({ summary: 'pending, completed, failed or cancelled.' }),
  last: Flags.string({ summary: 'Back from now: 12h, 30d, 6m (months), 1y.' }),
  start: Flags.string({ summary: 'From this day on, YYYY-MM-DD.' }),
  end: Flags.string({ summary: 'Up to this day, YYYY-MM-DD.' }),
  all: Flags.boolean({ summary: 'Every type.' }),
};
