import type { AbortCause } from '../../core/burst/aborts.ts';
import { type NodePlace, nodePlace } from '../../core/burst/node-names.ts';
import type { Settings } from '../../core/config/settings.ts';
import { EXIT, type ExitCode } from '../../core/errors.ts';

// What a resume and its dry run have in common.

/** The node groups of these nodes; those of none are left out. */
export function placesOf(
  names: readonly string[],
  settings: Settings,
): ReadonlyMap<string, NodePlace> {
  return new Map(
    names.flatMap((node) => {
      const place = nodePlace(settings.slurm.partitions, node);
      return place === undefined ? [] : [[node, place] as const];
    }),
  );
}

/** For a person who calls it by hand (burst.md 1.3). */
export function exitCodeOfCause({ code, as }: AbortCause): ExitCode {
  if (code === 'insufficient_funds') {
    return EXIT.insufficientFunds;
  }
  if (code === 'not_recommended') {
    return EXIT.ok; // the advisor has spoken, nothing went wrong (burst.md 3.4)
  }
  switch (as) {
    case 'plan':
    case 'funds':
      return EXIT.refused;
    case 'throttle':
    case 'ledger':
    case 'slurm':
      return EXIT.tryAgain;
    default:
      return EXIT.fault;
  }
}
