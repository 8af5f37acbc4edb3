import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KnownVolumes } from '../../core/burst/volumes.ts';
import { EXIT, Fault } from '../../core/errors.ts';
import type { VolumeStore } from '../../ports/known-volumes.ts';
import { placeFile } from './place-file.ts';

/** Sizes of volumes are no secret: whoever asks what a job will cost reads them. */
const MODE = 0o644;

/** `<state_dir>/volumes.json`. Read by every submission, hence checked by hand. */
export class FileVolumes implements VolumeStore {
  readonly #path: string;

  constructor(stateDirectory: string) {
    this.#path = join(stateDirectory, 'volumes.json');
  }

  read(): KnownVolumes {
    try {
      const parsed: unknown = JSON.parse(readFileSync(this.#path, 'utf8'));
      return Object.fromEntries(Object.entries(parsed ?? {}).filter(isSizes));
    } catch {
      return {}; // a cache that cannot be read is made anew
    }
  }

  write(known: KnownVolumes): void {
    try {
      placeFile(this.#path, `${JSON.stringify(known)}\n`, { mode: MODE });
    } catch (cause) {
      throw new Fault(`${this.#path} cannot be written`, { cause, exitCode: EXIT.fault });
    }
  }
}

function isSizes(entry: [string, unknown]): entry is [string, readonly number[]] {
  const [, sizes] = entry;
  return Array.isArray(sizes) && sizes.every((gib) => Number.isSafeInteger(gib) && gib >= 0);
}
