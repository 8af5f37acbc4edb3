import type { Settings } from '../../config/settings.ts';
import { isRefused, type Refused } from '../../errors.ts';
import { type EfaLevel, efaLevel } from '../constraint.ts';

/** How much the job wants EFA, and who said so (burst.md 4.4). */
export interface EfaChoice {
  readonly level: EfaLevel;
  readonly source: 'feature' | 'plan' | 'table' | 'config';
  /** The rule that decided, one line. */
  readonly text: string;
}

export interface EfaQuestion {
  readonly constraint: string;
  readonly planned?: EfaLevel | undefined;
  /** The execution plan says that the job does not need EFA: then the table does not require it. */
  readonly isNotRequired?: boolean | undefined;
  readonly isMpi: boolean;
  readonly nodes: number;
  readonly byDefault: Settings['mpi']['efa_default'];
}

const MANY = 16;
const SOME = 4;

/**
 * A feature of the constraint, else the plan, else the table of node counts, which `mpi.efa_default`
 * raises or lowers. POLICY when the constraint asks for two levels.
 */
export function efaChoice(question: EfaQuestion): EfaChoice | Refused {
  const { constraint, planned, isMpi, nodes } = question;
  const asked = efaLevel(constraint);
  if (isRefused(asked)) {
    return asked;
  }
  if (asked !== undefined) {
    return choice(asked, 'feature', `--constraint ${constraint}`);
  }
  if (planned !== undefined) {
    return choice(planned, 'plan', 'the execution plan');
  }
  if (!isMpi) {
    return choice('disabled', 'table', 'not an MPI job');
  }
  if (nodes < 2) {
    return choice('disabled', 'table', '1 node');
  }
  const said = byTable(question);
  return said.level === 'required' && question.isNotRequired === true
    ? choice('preferred', 'plan', 'requires_efa of the execution plan is false')
    : said;
}

function byTable({ nodes, byDefault }: EfaQuestion): EfaChoice {
  const table = tableLevel(nodes);
  const level = adjusted(table, byDefault);
  return level === table
    ? choice(table, 'table', `MPI on ${nodes} nodes`)
    : choice(level, 'config', `mpi.efa_default: ${byDefault}, else ${table} on ${nodes} nodes`);
}

function tableLevel(nodes: number): EfaLevel {
  if (nodes >= MANY) {
    return 'required';
  }
  return nodes >= SOME ? 'preferred' : 'optional';
}

function adjusted(table: EfaLevel, byDefault: EfaLevel): EfaLevel {
  switch (byDefault) {
    case 'preferred':
      return table;
    case 'optional':
    case 'disabled':
    case 'required':
      return byDefault;
  }
}

function choice(level: EfaLevel, source: EfaChoice['source'], text: string): EfaChoice {
  return { level, source, text };
}
