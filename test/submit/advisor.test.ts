import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CommandAdvisor } from '../../src/adapters/advisor/command-advisor.ts';
import { SpawnRun } from '../../src/adapters/system/spawn-run.ts';
import { isRefused } from '../../src/core/errors.ts';
import { parseJobRequest } from '../../src/core/slurm/job-request.ts';
import { submit } from '../../src/flows/submit.ts';
import { seedAccount } from '../support/ledger.ts';
import { hotSite, nextName, submitted } from './hot-site.ts';

/** A program of a few lines in sh. */
function program(body: string): CommandAdvisor {
  const root = mkdtempSync(join(tmpdir(), 'asbb-advisor-test-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const path = join(root, 'absa');
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return new CommandAdvisor(new SpawnRun(), path, '');
}

async function submittedTo(advisor: CommandAdvisor, absa: object, more: object = {}) {
  const site = await hotSite({ absa: { at_submit: true, ...absa } });
  await seedAccount(site.books.ledger, { name: 'physics', deposit: '100' });
  const request = parseJobRequest(submitted({ ...more }));
  if (isRefused(request) || request.verb !== 'submit') {
    throw new Error('no submission');
  }
  const answer = await submit(
    { name: nextName(), request },
    { ...site.ports, advisor: () => Promise.resolve(advisor) },
  );
  return { answer, holds: await site.holds() };
}

describe('2.4: absa.at_submit', () => {
  it('what the advisor said is kept with the hold, whose price stays', async () => {
    const said = '{"should_burst":true,"confidence":0.9,"cost_analysis":{"aws_cost":0.01}}';
    const { answer, holds } = await submittedTo(program(`echo '${said}'`), {});
    expect(answer).toMatchObject({ kind: 'admitted' });
    expect(JSON.parse(holds[0]?.pricing ?? '')).toMatchObject({
      v: 1,
      advice: { should_burst: 'true', aws_cost: '0.01' },
    });
  });

  it('should_burst false: refused, no hold', async () => {
    const { answer, holds } = await submittedTo(program(`echo '{"should_burst":false}'`), {});
    expect(answer).toMatchObject({ code: 'POLICY', text: 'advisor says run on premises' });
    expect(holds).toEqual([]);
  });

  it('no answer within its second: as without it, or refused where the site wants that', async () => {
    const hanging = program('sleep 30');
    const first = await submittedTo(hanging, {});
    expect(first.answer).toMatchObject({ kind: 'admitted' });
    const second = await submittedTo(hanging, { on_unavailable: 'abort' });
    expect(second).toMatchObject({ answer: { code: 'TRY_AGAIN' }, holds: [] });
  });

  it('false by default: it is not asked', async () => {
    const { answer } = await submittedTo(program(`echo '{"should_burst":false}'`), {
      at_submit: false,
    });
    expect(answer).toMatchObject({ kind: 'admitted' });
  });
});
