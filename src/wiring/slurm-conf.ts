import { resolve } from 'node:path';
import { LocalFiles } from '../adapters/system/local-files.ts';
import { shippedLua } from '../adapters/system/shipped.ts';
import type { SlurmConfPorts } from '../flows/steps/check-conf-file.ts';
import { type BurstShared, burstWiring } from './burst.ts';

/** Stated by packaging/build.mjs; absent when the source runs unbundled. */
declare const ASBB_VERSION: string | undefined;

/** How this very program is started: the executable alone, or from the sources with its script. */
function self(): readonly string[] {
  const script = process.argv[1];
  return typeof ASBB_VERSION === 'undefined' && script !== undefined
    ? [process.execPath, resolve(script)]
    : [process.execPath];
}

export async function slurmConfPorts(shared: BurstShared): Promise<SlurmConfPorts> {
  const { slurm, settings } = burstWiring(shared);
  return { settings, slurm, files: new LocalFiles(), template: await shippedLua(), self: self() };
}
