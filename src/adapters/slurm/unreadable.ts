import { EXIT, Fault } from '../../core/errors.ts';

/** What a SLURM command printed is not what it prints: nothing is guessed, the caller repeats later. */
export function unreadable(command: string, why: string): Fault {
  return new Fault(`cannot read the answer of ${command}: ${why}`, {
    exitCode: EXIT.tryAgain,
    advice: 'repeat in a minute; if it stays, run the command by hand',
  });
}

/** For a message: what was met, cut, control characters shown as escapes. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
