import { existsSync, readFileSync } from 'node:fs';
import { findConfig } from '../adapters/config/find.ts';
import { initialConfig } from '../adapters/config/init.ts';
import { type Problem, renderProblem } from '../adapters/config/problem.ts';
import { type ReadConfig, readConfig } from '../adapters/config/read-config.ts';
import { type ShownValue, shownValues } from '../adapters/config/show.ts';
import { placeFile } from '../adapters/system/place-file.ts';
import { isUser } from '../adapters/system/user.ts';
import { EXIT, Fault, type Refused, refused } from '../core/errors.ts';

const FILE_MODE = 0o644;

/** A configuration as it was found, right or wrong. */
export interface FoundConfig {
  /** '' when there is none: defaults and environment. */
  readonly file: string;
  readonly problems: readonly Problem[];
  /** One line each, as a person reads them. */
  readonly lines: readonly string[];
  readonly notes: readonly string[];
  /** Empty while there are problems. */
  readonly values: readonly ShownValue[];
}

function textOf(file: string): string {
  try {
    return file === '' ? '' : readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Fault(`${file} cannot be read`, {
      cause,
      exitCode: EXIT.usage,
      advice: 'name a file that this user may read; asbb config init writes one',
    });
  }
}

function valuesOf(read: ReadConfig): readonly ShownValue[] {
  return read.settings === undefined ? [] : shownValues(read, read.settings);
}

/** Fault 2 when the file that was named cannot be read. */
export function foundConfig(flag: string | undefined): FoundConfig {
  const environment = process.env;
  const file = findConfig({ environment, flag, workingDirectory: process.cwd(), isUser });
  const read = readConfig(textOf(file), file, environment);
  return {
    file,
    problems: read.problems,
    lines: read.problems.map(renderProblem),
    notes: read.notes,
    values: valuesOf(read),
  };
}

export { initialConfig };

/** IN_USE when it is there and may not be replaced. */
export function writeConfig(file: string, text: string, isForced: boolean): Refused | undefined {
  if (existsSync(file) && !isForced) {
    return refused('IN_USE', `${file} exists`, { advice: 'use --force to replace it' });
  }
  try {
    placeFile(file, text, { mode: FILE_MODE });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Fault(`${file} was not written: ${why}`, {
      advice: 'name a file in a folder that you may write to',
      cause: error,
    });
  }
  return undefined;
}
