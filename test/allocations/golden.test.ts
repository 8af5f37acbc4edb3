import { describe } from 'vitest';
import { playGolden } from '../support/golden.ts';
import { SCENARIO } from './scenario.ts';

describe('what the commands about allocations print', () => {
  playGolden({ folder: 'allocations', steps: SCENARIO });
});
