import { type Refused, refused } from '../core/errors.ts';
import type { Column } from './table.ts';

interface ShownValue {
  readonly key: string;
  readonly value: string;
  readonly origin: string;
}

const LEAST_WIDTH = 16;

export const CONFIG_COLUMNS: readonly Column<ShownValue>[] = [
  { title: 'KEY', cell: ({ key }) => key },
  { title: 'VALUE', cell: ({ value }) => value, least: LEAST_WIDTH },
  { title: 'ORIGIN', cell: ({ origin }) => origin, least: LEAST_WIDTH },
];

/** VALIDATION_ERROR with the first problem of a configuration; undefined when there is none. */
export function wrongConfig(lines: readonly string[]): Refused | undefined {
  const [first, ...others] = lines;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  return first === undefined
    ? undefined
    : refused('VALIDATION_ERROR', `${first}${more}`, { advice: 'see asbb config validate' });
}
