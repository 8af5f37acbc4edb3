import { describe } from 'vitest';
import { playGolden } from '../support/golden.ts';
import { SCENARIO } from './scenario.ts';

describe('what the commands about alerts print', () => {
  playGolden({
    folder: 'alerts',
    // 1 of `alerts check` is an answer: something critical is active.
    steps: SCENARIO.map((step) => ('name' in step ? { ...step, answers: step.code === 1 } : step)),
    // The message of an alert is never cut: it stands last, and a terminal breaks it.
    isNarrow: ({ args }) => args[0] === 'deadline' && args[1] === 'list',
  });
});
