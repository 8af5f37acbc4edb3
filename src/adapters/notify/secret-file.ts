import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const GROUP_AND_OTHERS = 0o077;
/** systemd gives its own files to the unit's user alone; some versions let the group read. */
const OTHERS = 0o007;
const SECRET_BYTES_MAX = 4096;
const LINE_END = /\r?\n$/u;
const LINES = /[\r\n]/u;

export type Secret =
  | { readonly kind: 'secret'; readonly text: string }
  | { readonly kind: 'problem'; readonly reason: string };

function problem(reason: string): Secret {
  return { kind: 'problem', reason };
}

interface Place {
  readonly path: string;
  readonly forbidden: number;
}

function placeOf(name: string, directory: string | undefined): Place | undefined {
  if (name.startsWith('/')) {
    return { path: name, forbidden: GROUP_AND_OTHERS };
  }
  return directory === undefined || directory === ''
    ? undefined
    : { path: join(directory, name), forbidden: OTHERS };
}

/** Looked at and read by one descriptor, so that nobody changes the file in between. */
function readChecked(fd: number, { path, forbidden }: Place): Secret {
  const stat = fstatSync(fd);
  if (!stat.isFile() || stat.size > SECRET_BYTES_MAX) {
    return problem(`${path} is no file of at most ${SECRET_BYTES_MAX} bytes`);
  }
  if ((stat.mode & forbidden) !== 0) {
    return problem(`${path} can be read by others: chmod 0600 ${path}`);
  }
  if (stat.uid !== 0 && stat.uid !== (process.geteuid?.() ?? 0)) {
    return problem(`${path} belongs neither to us nor to root`);
  }
  const text = readFileSync(fd, 'utf8').replace(LINE_END, '');
  return text === '' || LINES.test(text)
    ? problem(`${path} does not hold one line`)
    : { kind: 'secret', text };
}

/** reliability.md 4.3: an absolute path of mode 0600, or a name below $CREDENTIALS_DIRECTORY (`directory`). */
export function readSecret(name: string, directory: string | undefined): Secret {
  const place = placeOf(name, directory);
  if (place === undefined) {
    return problem(`${name} is no absolute path, and CREDENTIALS_DIRECTORY is not set`);
  }
  try {
    const fd = openSync(place.path, 'r');
    try {
      return readChecked(fd, place);
    } finally {
      closeSync(fd);
    }
  } catch {
    return problem(`${place.path} cannot be read`);
  }
}
