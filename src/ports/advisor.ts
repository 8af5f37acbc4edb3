import type { Advice } from '../core/burst/plan/advice.ts';

/** A job as the advisor is told of it. */
export interface AdvisorQuestion {
  /** '' at submit: it has none yet. */
  readonly jobId: string;
  /** Text of the batch script; '' where there is none. */
  readonly script: string;
  readonly name: string;
  readonly user: string;
  readonly account: string;
  readonly partition: string;
  readonly nodes: number;
  readonly cpus: number;
  readonly memoryMib?: number | undefined;
  readonly limitSeconds?: number | undefined;
  readonly isMpi: boolean;
  readonly processes: number;
  /** Its nodes stand close together. */
  readonly needsLowLatency: boolean;
}

/** The advisor behind its program or its address (burst.md 2.4). */
export interface Advisor {
  /** The program or address; undefined: there is no such program. */
  readonly place: string | undefined;
  /** Fault (75) when no answer that can be understood came in time; the program is dead then. */
  ask(question: AdvisorQuestion, limitMs: number): Promise<Advice>;
}
