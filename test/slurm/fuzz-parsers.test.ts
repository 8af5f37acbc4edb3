import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseJobs } from '../../src/adapters/slurm/parse-job.ts';
import { parseNodes } from '../../src/adapters/slurm/parse-node.ts';
import { parseQueue } from '../../src/adapters/slurm/parse-queue.ts';
import { parseEfficiency, parseRuns } from '../../src/adapters/slurm/parse-runs.ts';
import { parseConfig, parseVersion } from '../../src/adapters/slurm/parse-site.ts';
import { capture, faultOf } from './support/captures.ts';
import '../support/property.ts';

/** 10 is the 10,000 cases of reliability.md R18. */
const SCALE = Number(process.env['ASBB_TEST_SCALE'] ?? 1);

const NASTY = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.stringMatching(/^[A-Za-z]+=[ -~]{0,40}$/),
  fc.constantFrom(
    '\n',
    '\u0000',
    '|',
    '\u001f',
    ' UserId=x(1)',
    ' Command=',
    'JobId=1 JobName=',
    ' State=IDLE',
    '\ufffd',
  ),
);
const OUTPUT = fc.array(NASTY, { maxLength: 20 }).map((parts) => parts.join(''));
const PARSERS: readonly (readonly [string, (text: string) => unknown])[] = [
  ['show job', parseJobs],
  ['show node', parseNodes],
  ['squeue', parseQueue],
  ['sacct', parseRuns],
  ['efficiency', parseEfficiency],
  ['config', parseConfig],
  ['version', parseVersion],
];

it.each(PARSERS)('%s: any text is read or is a Fault 75, never anything else', (_name, parse) => {
  fc.assert(
    fc.property(OUTPUT, (text) => {
      expect([0, 75]).toContain(faultOf(() => parse(text)));
    }),
    { numRuns: 1000 * SCALE },
  );
});

it('a true record with parts swapped out is read as itself, or not at all', () => {
  const line = `${capture('job-running.txt').split('\n')[1]}\n`;
  fc.assert(
    fc.property(NASTY, fc.nat(line.length - 1), fc.nat(40), (text, from, cut) => {
      const damaged = line.slice(0, from) + text + line.slice(from + cut);
      expect([0, 75]).toContain(faultOf(() => parseJobs(damaged)));
    }),
    { numRuns: 1000 * SCALE },
  );
});
