import { readFileSync } from 'node:fs';
import { Fault } from '../../../src/core/errors.ts';

const CAPTURES = new URL('../../fixtures/slurm-22.05/', import.meta.url);

export function capture(name: string): string {
  return readFileSync(new URL(name, CAPTURES), 'utf8');
}

/** The captures of nodes are without -o: the same keys, one line each. */
export function oneLine(name: string): string {
  return `${capture(name).split('\n\n')[0]?.replaceAll('\n   ', ' ')}\n`;
}

/** `2026-11-21T08:18:29` UTC, independently. */
export function at(clock: string): number {
  return Date.parse(`2026-11-21T${clock}Z`) / 1000;
}

/** Exit code of the Fault, 0 without one, -1 for any other error. */
export function faultOf(act: () => unknown): number {
  try {
    act();
  } catch (error) {
    return error instanceof Fault ? error.exitCode : -1;
  }
  return 0;
}
