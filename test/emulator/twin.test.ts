import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emulatedStage } from './twin/emulated-stage.ts';
import { JOBS } from './twin/jobs.ts';
import { type LabStage, labStage } from './twin/lab-stage.ts';
import { PEOPLE } from './twin/people.ts';
import { playOn } from './twin/player.ts';

const SEQUENCES = [...JOBS, ...PEOPLE];

const HAS_SLURM = existsSync('/usr/sbin/slurmctld') && existsSync('/usr/sbin/munged');
const IS_ROOT = process.getuid?.() === 0;
const why = IS_ROOT ? 'SLURM is not installed' : 'needs root';

/** Where each sequence's nodes begin. */
const FIRST = SEQUENCES.map((_, index) =>
  SEQUENCES.slice(0, index).reduce((sum, { nodes }) => sum + nodes, 1),
);
const NODES = SEQUENCES.reduce((sum, { nodes }) => sum + nodes, 0);

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
      lab = await labStage(NODES);
      for (const [index, { awake = 0 }] of SEQUENCES.entries()) {
        for (let place = 0; place < awake; place += 1) {
          await lab.boot(`cloud-${(FIRST[index] ?? 0) + place}`);
        }
      }
      const played = await Promise.all(
        SEQUENCES.map((sequence, index) => playOn(lab, sequence, FIRST[index] ?? 0).catch(asError)),
      );
      await pause(4000); // slurmdbd lags behind
      for (const [index, each] of played.entries()) {
        const notes = each instanceof Error ? each : await each.conclude();
        inLab.set(SEQUENCES[index]?.name ?? '', notes);
      }
    }, 300_000);

    afterAll(async () => {
      await lab.stop();
    }, 60_000);

    it.each(SEQUENCES.map((sequence, index) => ({ sequence, first: FIRST[index] ?? 0 })))(
      '$sequence.name',
      async ({ sequence, first }) => {
        const stage = await emulatedStage(readFileSync(lab.slurmConf, 'utf8'));
        try {
          for (let place = 0; place < (sequence.awake ?? 0); place += 1) {
            await stage.boot(`cloud-${first + place}`);
          }
          const played = await playOn(stage, sequence, first);
          await stage.pass(4);
          const emulated = await played.conclude();
          const real = inLab.get(sequence.name);
          if (real instanceof Error) {
            throw real;
          }
          expect(emulated).toEqual(real);
        } finally {
          stage.stop();
        }
      },
      60_000,
    );
  },
);
