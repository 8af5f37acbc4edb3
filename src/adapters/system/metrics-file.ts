import { Fault } from '../../core/errors.ts';
import { placeFile } from './place-file.ts';

/** A node exporter reads it as another user. */
const MODE = 0o644;

/** Whole or not at all: the exporter never sees half of it. A Fault when it cannot be written. */
export function placeMetrics(path: string, text: string): void {
  try {
    placeFile(path, text, { mode: MODE });
  } catch (error) {
    throw new Fault(
      `cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error, advice: 'name a file in a directory that this user may write to' },
    );
  }
}
