/** What a command of SLURM says when it does not do what was asked; ends only this command. */
export class Complaint extends Error {
  override readonly name = 'Complaint';
  readonly exitCode: number;

  constructor(text: string, exitCode = 1, options?: ErrorOptions) {
    super(text, options);
    this.exitCode = exitCode;
  }
}

/** Never a guess: what this double does not know it refuses, so that no test passes by luck. */
export function unsupported(what: string): Complaint {
  return new Complaint(`slurm-emulator: not supported: ${what}`);
}
