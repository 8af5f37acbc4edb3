import { describe } from 'vitest';
import { playGolden } from '../support/golden.ts';
import { SCENARIO } from './scenario.ts';

/** BUDGET … CARRYOVER with their dates do not fit: the one table that is wider. */
const WIDE = /^periods/u;

describe('what the grant commands print', () => {
  playGolden({
    folder: 'grants',
    steps: SCENARIO,
    isNarrow: ({ name, args }) =>
      args.includes('list') && !args.includes('--wide') && !WIDE.test(name),
  });
});
