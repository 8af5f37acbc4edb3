import { statSync } from 'node:fs';
import { LocalFiles } from '../adapters/system/local-files.ts';
import { type Refused, refused } from '../core/errors.ts';

/** A file that a person named, read as text; larger ones are not what they meant. */
const BYTES_MAX = 16_777_216;

/** VALIDATION_ERROR: not there, not readable, too large. */
export function readTextFile(path: string, field: string): string | Refused {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const text = size > BYTES_MAX ? undefined : new LocalFiles().read(path);
  return (
    text ??
    refused('VALIDATION_ERROR', `${path.slice(0, 200)} cannot be read`, {
      advice: 'a text file of at most 16 MiB that this user may read',
      fields: { field },
    })
  );
}
