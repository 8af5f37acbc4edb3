import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emulatedStage } from './twin/emulated-stage.ts';
import { JOBS } from './twin/jobs.ts';
import { type LabStage, labStage } from './twin/lab-stage.ts';
import { PEOPLE } from './twin/people.ts';
import { playOn, type Sequence } from './twin/player.ts';

const SEQUENCES = [...JOBS, ...PEOPLE];

const HAS_SLURM = existsSync('/usr/sbin/slurmctld') && existsSync('/usr/sbin/munged');
const IS_ROOT = process.getuid?.() === 0;
const why = IS_ROOT ? 'SLURM is not installed' : 'needs root';

/**
 * What a person sees of a real cluster depends on when he looks, and a busy test machine looks late: what
 * came out differently is played again, alone and on other nodes. A true difference comes each time.
 */
const ATTEMPTS = 3;
const LAG_MS = 4000;

/** Where each sequence's nodes begin. */
const FIRST = SEQUENCES.map((_, index) =>
  SEQUENCES.slice(0, index).reduce((sum, { nodes }) => sum + nodes, 1),
);
const NODES = SEQUENCES.reduce((sum, { nodes }) => sum + nodes, 0);

/** What was noted in the emulator. */
async function emulated(conf: string, sequence: Sequence, first: number) {
  const stage = await emulatedStage(readFileSync(conf, 'utf8'));
  try {
    for (let place = 0; place < (sequence.awake ?? 0); place += 1) {
      await stage.boot(`cloud-${first + place}`);
    }
    const played = await playOn(stage, sequence, first);
    await stage.pass(LAG_MS / 1000);
    return await played.conclude();
  } finally {
    stage.stop();
  }
}

async function awaken(lab: LabStage, { awake = 0 }: Sequence, first: number): Promise<void> {
  for (let place = 0; place < awake; place += 1) {
    await lab.boot(`cloud-${first + place}`);
  }
}

/** What was noted in the lab, with no other sequence beside it. */
async function alone(lab: LabStage, sequence: Sequence, first: number) {
  await awaken(lab, sequence, first);
  const played = await playOn(lab, sequence, first);
  await lab.booked();
  await pause(LAG_MS);
  return await played.conclude();
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

describe.skipIf(!(IS_ROOT && HAS_SLURM))(
  IS_ROOT && HAS_SLURM
    ? 'the emulator and SLURM 22.05'
    : `the emulator and SLURM 22.05 (skipped: ${why})`,
  () => {
    let lab: LabStage;
    const inLab = new Map<string, readonly string[] | Error>();

    beforeAll(async () => {
      lab = await labStage(NODES * ATTEMPTS);
      for (const [index, sequence] of SEQUENCES.entries()) {
        await awaken(lab, sequence, FIRST[index] ?? 0);
      }
      const played = await Promise.all(
        SEQUENCES.map((sequence, index) => playOn(lab, sequence, FIRST[index] ?? 0).catch(asError)),
      );
      await lab.booked();
      await pause(LAG_MS);
      for (const [index, each] of played.entries()) {
        const notes = each instanceof Error ? each : await each.conclude();
        inLab.set(SEQUENCES[index]?.name ?? '', notes);
      }
    });

    afterAll(async () => {
      await lab.stop();
    });

    it.each(SEQUENCES.map((sequence, index) => ({ sequence, first: FIRST[index] ?? 0 })))(
      '$sequence.name',
      async ({ sequence, first }) => {
        let real = inLab.get(sequence.name);
        let ours = await emulated(lab.slurmConf, sequence, first);
        for (let again = 1; again < ATTEMPTS && !isDeepStrictEqual(ours, real); again += 1) {
          const other = first + again * NODES;
          real = await alone(lab, sequence, other).catch(asError);
          ours = await emulated(lab.slurmConf, sequence, other);
        }
        if (real instanceof Error) {
          throw real;
        }
        expect(ours).toEqual(real);
      },
    );
  },
);
