import type { KnownVolumes } from '../core/burst/volumes.ts';

/** What EC2 last said of the volumes of launch templates: a cache, which may be lost at any time. */
export interface VolumeStore {
  /** Empty where there is none, or it cannot be read. */
  read(): KnownVolumes;
  /** Whole or not at all; a Fault when it cannot be written. */
  write(known: KnownVolumes): void;
}
