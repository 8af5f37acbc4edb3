import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { IamPolicy } from '../../schema/output/iam-policy.ts';
import { compareBooks } from '../support/books.ts';
import { denials, type RecordedCall } from '../support/iam.ts';
import type { Outcome } from '../support/programs.ts';
import { readDay } from './day.ts';
import { type Emulated, emulatedStage } from './emulated.ts';
import { type JobNames, play } from './play.ts';

// What `npm run demo` shows, as a test: the built binary, the fake EC2 and the emulator, no root.

const EXECUTABLE = resolve(process.env['ASBB_DIST'] ?? 'dist', 'asbb');
const root = mkdtempSync(join(tmpdir(), 'asbb-day-'));
const told: string[] = [];

let stage: Emulated;
let jobs: JobNames;

function asbb(...args: readonly string[]): Promise<Outcome> {
  return stage.run('operator', ['asbb', ...args]);
}

async function instancesOf(job: string): Promise<readonly { market: string; group: string }[]> {
  const { instances } = (await stage.fake.get('/state')) as {
    instances: readonly { market: string; group: string; tags: Record<string, string> }[];
  };
  return instances.filter(({ tags }) => tags['asbb:job'] === jobs.get(job));
}

beforeAll(async () => {
  chmodSync(root, 0o755);
  const day = readDay(join(import.meta.dirname, 'day.yaml'));
  stage = await emulatedStage(EXECUTABLE, root, day);
  jobs = await play(day, stage, {
    say: (_time, text) => told.push(text),
    command: (_as, words) => told.push(words.join(' ')),
    output: (text) => told.push(text),
    progress: () => undefined,
  });
});

afterAll(async () => {
  await stage?.stop();
  rmSync(root, { recursive: true, force: true });
});

it('shows the refused user why, and launches nothing for it', () => {
  expect(told.join('\n')).toMatch(
    /asbb: this job needs up to \$[0-9.]+, account chemistry has \$2\.50 free/u,
  );
});

it('starts the gang in one placement group, all 16 of it', async () => {
  const gang = await instancesOf('gang');
  expect(gang.length).toBe(16);
  expect(new Set(gang.map(({ group }) => group)).size).toBe(1);
  expect(gang[0]?.group).not.toBe('');
});

it('falls back from spot to on-demand', async () => {
  expect((await instancesOf('fallback')).map(({ market }) => market)).toEqual([
    'on-demand',
    'on-demand',
  ]);
});

it('launches nothing for the job that was cancelled while pending', async () => {
  expect(await instancesOf('cancelled')).toEqual([]);
});

it('charges to the micro-dollar what the cloud bills, job by job, and holds nothing back', async () => {
  const books = await compareBooks(stage.fake, asbb);
  expect(books.jobs.filter(({ billed, charged }) => billed !== charged)).toEqual([]);
  expect(books.billed).toBeGreaterThan(0);
  expect([books.charged, books.used, books.held]).toEqual([books.billed, books.billed, 0]);
});

it('never did more than asbb burst iam-policy allows (burst.md 5.8)', async () => {
  const policy = IamPolicy.parse(JSON.parse((await asbb('burst', 'iam-policy')).stdout));
  const journal = (await stage.fake.get('/journal?since=0')) as readonly (RecordedCall & {
    readonly kind: string;
  })[];
  const calls = journal.filter(({ kind }) => kind === 'request');
  const { instances } = (await stage.fake.get('/state')) as {
    instances: readonly { id: string; tags: Record<string, string> }[];
  };
  expect(calls.length).toBeGreaterThan(100);
  const account = {
    region: 'us-east-1',
    account: '111122223333',
    tags: new Map(instances.map(({ id, tags }) => [id, tags])),
    images: ['ami-0a11ce00000000001'],
    securityGroups: ['sg-0a11ce00000000001'],
  };
  expect(denials(policy, calls, account)).toEqual([]);
});

it('leaves no instance alive and a ledger that verifies', async () => {
  await stage.fake.post('/expect', { live: 0 });
  const { code, stdout } = await asbb('ledger', 'verify');
  expect([code, stdout]).toEqual([0, expect.any(String)]);
});
