import { constants, lstatSync, openSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isRefused, type Refused, refused } from '../core/errors.ts';

// Where `--output` and `--textfile` may write: people name it, often as the SlurmUser or root, who may write anything.

const MODE = 0o640;

function unfit(field: string, reason: string, advice: string): Refused {
  return refused('VALIDATION_ERROR', reason, { advice, fields: { field } });
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path); // writing it will say what is wrong
  }
}

/**
 * The file, from where the person stands. VALIDATION_ERROR: among the ledger's own files, where it would
 * take the place of one; a link, folder or device.
 */
export function outputFile(
  name: string,
  settings: {
    readonly database: { readonly dsn: string };
    readonly slurm: { readonly state_dir: string };
  },
  flag = 'output',
): string | Refused {
  const path = resolve(name);
  const folder = realOf(dirname(path));
  const own = [settings.slurm.state_dir, dirname(settings.database.dsn)].map(realOf);
  if (own.some((each) => folder === each || folder.startsWith(`${each}/`))) {
    return unfit(
      flag,
      `${name.slice(0, 200)} lies in the folder of the ledger`,
      'write it elsewhere',
    );
  }
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found === undefined || found.isFile()
    ? path
    : unfit(flag, `${name.slice(0, 200)} is there, and is no plain file`, 'name a file');
}

/** Of a node exporter: the same, and it has to have made its folder. VALIDATION_ERROR. */
export function textFile(
  name: string,
  settings: Parameters<typeof outputFile>[1],
): string | Refused {
  const path = outputFile(name, settings, 'textfile');
  return isRefused(path) || lstatSync(dirname(path), { throwIfNoEntry: false }) !== undefined
    ? path
    : unfit('textfile', `the folder of ${name.slice(0, 200)} is not there`, 'make it first');
}

/** For writing from its begin; a link that was put there in between is not followed. */
export function openOutput(path: string): number {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  return openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, MODE);
}
