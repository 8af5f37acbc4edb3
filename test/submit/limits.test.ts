import { expect, it } from 'vitest';
import { isRefused } from '../../src/core/errors.ts';
import { answerCode, answerLine } from '../../src/core/policy/hook-answer.ts';
import { parseJobRequest } from '../../src/core/slurm/job-request.ts';
import { modify } from '../../src/flows/modify.ts';
import { submit } from '../../src/flows/submit.ts';
import { seedAccount } from '../support/ledger.ts';
import { exampleSettings } from '../support/settings.ts';
import { hotSite, nextName, submitted, updated } from './hot-site.ts';

// burst.md SL-7: slurmctld waits for these two, and its shim kills them at 2 s.

/** The request as it would be answered so late after the start of the process. */
async function askedAt(ms: number, given: Record<string, unknown>) {
  const { ports, books, holds, ask } = await hotSite();
  await seedAccount(books.ledger, { name: 'physics', deposit: '100' });
  const admitted = await ask(submitted());
  const before = (await holds())[0];
  const job = { admin_comment: `asbb:hold=${before?.token}` };
  const request = parseJobRequest(
    given['verb'] === 'modify' ? { ...given, job: { ...(given['job'] as object), ...job } } : given,
  );
  if (isRefused(request) || isRefused(admitted)) {
    throw new Error('not asked');
  }
  const late = { ...ports, clock: { ...ports.clock, monotonicMs: () => ms } };
  const name = nextName();
  const answer =
    request.verb === 'submit'
      ? await submit({ name, request }, late)
      : await modify({ name, request }, late);
  const amounts = (await holds()).map(({ amount }) => amount);
  return { code: answerCode(answer), line: answerLine(answer), amounts };
}

const LATE = expect.stringMatching(/^asbb1 no retry asbb: the budget ledger is busy;/u);
const LONGER = updated({}, { time_limit: 120 });

it.each([
  ['submit', 1799, submitted(), { code: 0, amounts: [1_000_000n, 1_000_000n] }],
  ['submit', 1800, submitted(), { code: 75, line: LATE, amounts: [1_000_000n] }],
  ['modify', 1799, LONGER, { code: 0, amounts: [2_000_000n] }],
  ['modify', 1800, LONGER, { code: 75, line: LATE, amounts: [1_000_000n] }],
])('SL-7: %s %i ms after its start', async (_, ms, request, expected) => {
  expect(await askedAt(ms, request)).toMatchObject(expected);
});

it('SL-7: of an open partition it is admitted then, and nothing is written', async () => {
  const open = submitted({ partition: 'free', parts: { free: { max_time: 60 } } });
  expect(await askedAt(1800, open)).toEqual({
    code: 0,
    line: 'asbb1 ok -',
    amounts: [1_000_000n],
  });
});

it('SL-7: of that, the wait for the ledger: 1.5 s of submit and modify, 4 s of epilog', () => {
  const { lock_wait } = exampleSettings().database;
  expect(lock_wait).toMatchObject({ submit: 1500, modify: 1500, epilog: 4000 });
});
