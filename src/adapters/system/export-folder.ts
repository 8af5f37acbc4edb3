import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { EXIT, Fault } from '../../core/errors.ts';
import { placeFile } from './place-file.ts';

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o755;
const KEY_BYTES = 32;

function faultOf(path: string, cause: unknown): Fault {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Fault(`${path} was not written: ${why}`, {
    cause,
    exitCode: EXIT.fault,
    advice: 'name another --output-dir, or use --stdout',
  });
}

/** Step by step: Node's own `recursive` never ends where mkdir says ENOENT, as under /proc. */
function makeFolder(directory: string): void {
  const parent = dirname(directory);
  if (existsSync(directory)) {
    return;
  }
  if (parent !== directory) {
    makeFolder(parent);
  }
  mkdirSync(directory, { mode: DIRECTORY_MODE });
}

/** A file of its own mode 0600 in a folder that is made when it is not there; returns its path. */
export function writeExport(directory: string, name: string, text: string): string {
  const path = join(directory, name);
  try {
    makeFolder(resolve(directory));
    placeFile(path, text, { mode: FILE_MODE });
  } catch (error) {
    throw faultOf(path, error);
  }
  return path;
}

/** HMAC with a key that lies beside the ledger and is made once: the same job has the same name again. */
export function keyedHash(stateDirectory: string): (text: string) => string {
  return (text) => {
    const { createHmac, randomBytes } = process.getBuiltinModule('node:crypto');
    const path = join(stateDirectory, 'export.key');
    const key = readKey(path) ?? makeKey(path, randomBytes(KEY_BYTES).toString('hex'));
    return createHmac('sha256', key).update(text).digest('hex');
  };
}

function readKey(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return undefined;
    }
    throw new Fault(`${path} cannot be read`, {
      cause: error,
      advice: 'sudo -u the SlurmUser: --anonymize needs the key of this site',
    });
  }
}

function makeKey(path: string, key: string): string {
  try {
    placeFile(path, `${key}\n`, { mode: FILE_MODE });
    return key;
  } catch (error) {
    throw faultOf(path, error);
  }
}
