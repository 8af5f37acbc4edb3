import { Command, Flags, type Interfaces } from '@oclif/core';
import type { z } from 'zod';
import { didYouMean } from '../core/config/did-you-mean.ts';
import { EXIT, type ExitCode, isRefused, type Refused, refused } from '../core/errors.ts';
import { escapeControls } from '../core/ledger/user-line.ts';
import type { FullPorts } from '../wiring/full.ts';
import { type Failure, failureBody, failureLine, failureOf, Rejection } from './failure.ts';
import { badArgs, badFlags, badWord, WORD_MAX } from './guard.ts';
import { jsonText, type Output } from './json-text.ts';
import { type Column, tableText } from './table.ts';

const WIDTH = 80;
const MS_BEFORE_PROGRESS = 1000;
const SEE_HELP = 'see --help';
/** What the original's programs became. */
const OF_BURST = /^(?:burst|nodes):/u;

/** A command class as tests and tools see it. */
export interface AsbbCommandClass extends Command.Class {
  /** Of what `--json` prints when the command succeeds. */
  readonly output?: z.ZodType;
}

interface CommonFlags {
  readonly config?: string | undefined;
  readonly verbose?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly 'dry-run'?: boolean | undefined;
}

/**
 * What every command of asbb has in common: --json, --config, --verbose, --quiet; its ports, made when
 * first asked for and closed at the end; the exit codes and messages of reliability.md 5.
 */
export abstract class AsbbCommand extends Command {
  static override readonly enableJsonFlag = true;
  static override readonly baseFlags = {
    config: Flags.string({
      char: 'c',
      summary: 'Configuration file; else ASBB_CONFIG or /etc/asbb/config.yaml.',
      helpValue: '<file>',
      helpGroup: 'GLOBAL',
    }),
    verbose: Flags.boolean({
      char: 'v',
      summary: 'Show on stderr what goes to the log.',
      helpGroup: 'GLOBAL',
    }),
    quiet: Flags.boolean({ summary: 'No notes and no progress.', helpGroup: 'GLOBAL' }),
    debug: Flags.boolean({ summary: 'Show the stack of a defect.', hidden: true }),
  };

  /** Least role (reliability.md 4.1). Who can read the file is an auditor; the SlurmUser and root more. */
  static readonly role: 'auditor' | 'administrator' = 'auditor';

  /** Characters of its longest word. */
  static readonly wordMax: number = WORD_MAX;

  #ports: FullPorts | undefined;
  #isQuiet = false;

  /** The wiring, by the flags that were parsed: opens nothing yet, is closed when the command ends. */
  protected async ports(flags: CommonFlags): Promise<FullPorts> {
    this.#isQuiet = flags.quiet === true;
    if (this.#ports === undefined) {
      const { fullPorts } = await import('../wiring/full.ts');
      this.#ports = await fullPorts({
        config: flags.config,
        isVerbose: flags.verbose === true,
        mayBeOriginal: OF_BURST.test(this.ctor.id),
      });
      this.#authorise(this.#ports, flags['dry-run'] === true);
    }
    return this.#ports;
  }

  /** As oclif does, and VALIDATION_ERROR for what no command can take. */
  protected override async parse<
    F extends Record<string, unknown>,
    B extends Record<string, unknown>,
    A extends Record<string, unknown>,
  >(
    options?: Interfaces.Input<F, B, A>,
    argv: string[] = this.argv,
  ): Promise<Interfaces.ParserOutput<F, B, A>> {
    const { wordMax } = this.ctor as unknown as typeof AsbbCommand;
    this.must(badWord(argv, wordMax));
    const parsed = await super.parse(options, argv);
    this.must(badFlags(parsed.flags, this.ctor.flags ?? {}) ?? badArgs(parsed.args));
    return parsed;
  }

  /** For a flag that needs more than its command does (`--repair`). FORBIDDEN. */
  protected administratorOnly({ isAdministrator, settings }: FullPorts): void {
    this.must(isAdministrator ? undefined : this.#onlyFor(settings.slurm.user));
  }

  /** A refusal ends the command with its exit code; anything else goes through. */
  protected must<T>(answer: T | Refused): T {
    if (isRefused(answer)) {
      throw new Rejection(answer);
    }
    return answer;
  }

  /** A table on stdout, or the sentence for none. Cut to the terminal, or 80 columns, unless `isWide`. */
  protected table<Row>(
    columns: readonly Column<Row>[],
    rows: readonly Row[],
    { empty, isWide = false }: { readonly empty: string; readonly isWide?: boolean },
  ): void {
    if (this.jsonEnabled()) {
      return; // a long table is work that nobody would see
    }
    const width = isWide ? undefined : this.width();
    this.log(rows.length === 0 ? empty : tableText(columns, rows, width));
  }

  /** Of what is printed: the terminal's, 80 at least. */
  protected width(): number {
    return Math.max(WIDTH, process.stdout.isTTY ? process.stdout.columns : WIDTH);
  }

  /** What the configuration switches off is bad usage (budget.md 6.2). */
  protected enabled(isOn: boolean, key: string): void {
    if (!isOn) {
      throw new Rejection(
        refused('VALIDATION_ERROR', `${key} is false: this command is switched off`, {
          advice: 'see asbb config show',
          fields: { field: key },
        }),
      );
    }
  }

  /** Trends in tables are for people at a terminal: scripts get the columns they know. */
  protected hasTrends(): boolean {
    return process.stdout.isTTY && !this.jsonEnabled();
  }

  /** An argument that may come from elsewhere, but must come. */
  protected needed(value: string | undefined, name: string): string {
    return this.must(
      value === undefined || value === ''
        ? refused('VALIDATION_ERROR', `Missing argument: ${name}`, {
            advice: `give it, or set ASBB_${name.toUpperCase()}`,
            fields: { field: name },
          })
        : value,
    );
  }

  /** Something a person should know, on stderr; not with --quiet. */
  protected note(text: string): void {
    if (!this.#isQuiet) {
      process.stderr.write(`Note: ${escapeControls(text)}\n`);
    }
  }

  /** Shows `text` on a terminal's stderr while the work lasts longer than a second. */
  protected async during<T>(text: string, work: Promise<T>): Promise<T> {
    const isShown = process.stderr.isTTY && !this.#isQuiet && !this.jsonEnabled();
    if (!isShown) {
      return await work;
    }
    const timer = setTimeout(
      () => process.stderr.write(`${escapeControls(text)} …\n`),
      MS_BEFORE_PROGRESS,
    );
    try {
      return await work;
    } finally {
      clearTimeout(timer);
    }
  }

  /** For commands whose result is the exit code too (verify, maintain). */
  protected endWith(code: ExitCode): void {
    process.exitCode = code;
  }

  override logJson(json: unknown): void {
    // What a command returns is Output: its own type says so; failureBody() makes the rest.
    process.stdout.write(`${jsonText(json as Output)}\n`);
  }

  /** Whatever text came into it: nothing that it prints moves a cursor. */
  override log(message = ''): void {
    if (!this.jsonEnabled()) {
      process.stdout.write(`${message.split('\n').map(escapeControls).join('\n')}\n`);
    }
  }

  /** The end of every failing command. */
  override catch(error: Error): Promise<void> {
    this.parsed = true; // or oclif warns that a command with wrong arguments did not parse them
    const failure = this.#advised(this.#withMeant(failureOf(error), error));
    process.exitCode = failure.exitCode;
    if (this.jsonEnabled()) {
      this.logJson(failureBody(failure, Date.now()));
    }
    process.stderr.write(`${failureLine(failure, this.argv.includes('--debug'))}\n`);
    return Promise.resolve();
  }

  override async finally(error: Error | undefined): Promise<void> {
    this.#ports?.close();
    this.#ports = undefined;
    await super.finally(error);
  }

  /** Where nothing better is known, the page that says how it is typed. */
  #advised(failure: Failure): Failure {
    const isPlain = failure.advice === '' || failure.advice === SEE_HELP;
    const name = (this.ctor.id ?? '').replaceAll(':', ' ');
    return failure.exitCode === EXIT.usage && isPlain && !failure.isList
      ? { ...failure, advice: `see asbb ${name} --help` }
      : failure;
  }

  #authorise({ isAdministrator, settings }: FullPorts, isDryRun: boolean): void {
    // oclif calls commands by their class: `ctor` is one of ours.
    const { role } = this.ctor as unknown as typeof AsbbCommand;
    if (role === 'administrator' && !isAdministrator && !isDryRun) {
      throw new Rejection(this.#onlyFor(settings.slurm.user));
    }
  }

  #onlyFor(slurmUser: string): Refused {
    const name = this.ctor.id.replaceAll(':', ' ');
    return refused('FORBIDDEN', `only ${slurmUser} (slurm.user) and root may do this`, {
      advice: `sudo -u ${slurmUser} asbb ${name} …`,
    });
  }

  /** Wrong flags: the one that was probably meant. */
  #withMeant(failure: Failure, error: Error): Failure {
    const flags = 'flags' in error && Array.isArray(error.flags) ? error.flags.map(String) : [];
    const [wrong] = flags;
    if (wrong === undefined) {
      return failure;
    }
    const own = { ...this.ctor.baseFlags, ...this.ctor.flags };
    const known = [...Object.keys(own), 'json', 'help'].map((name) => `--${name}`);
    const meant = didYouMean(wrong, known);
    return {
      ...failure,
      text: `unknown flag ${flags.join(', ')}`,
      advice: meant === undefined ? SEE_HELP : `did you mean ${meant}?`,
    };
  }
}
