import type { Refused } from '../../../src/core/errors.ts';
import type { Json } from '../../../src/core/json.ts';
import type { Decision } from '../../../src/core/ledger/change.ts';
import type { Query, View } from '../../../src/core/ledger/view.ts';
import type { LedgerRequest } from '../../../src/ports/ledger.ts';
import type { BookModel } from './book-model.ts';
import type { Operation } from './operation.ts';

export interface Plan {
  readonly request: LedgerRequest;
  readonly query: Query;
  readonly choose: (view: View) => Decision<Json> | Refused;
  /** Code of the refusal; undefined: admitted. */
  readonly refusal: string | undefined;
  /** What an admitted one does to the model. */
  readonly apply: () => void;
}

export interface Scene {
  readonly model: BookModel;
  /** Unique in the ledger. */
  readonly run: string;
  readonly nowS: () => number;
  readonly forward: (seconds: number) => void;
  /** Numbers keys and jobs. */
  readonly next: () => number;
}

export function pick<T>(list: readonly T[], at: number): T | undefined {
  return list.length === 0 ? undefined : list[at % list.length];
}

export function effective(view: View): { effectiveS: number; day: number } {
  return { effectiveS: view.nowS, day: view.today };
}

interface Asked {
  readonly verb: string;
  readonly args: LedgerRequest['args'];
  readonly key?: string | undefined;
}

export function request({ verb, args, key }: Asked): LedgerRequest {
  return { scope: 'hpc1', key, verb, args };
}

export type Of<K extends string> = Extract<Operation, { readonly op: K }>;
