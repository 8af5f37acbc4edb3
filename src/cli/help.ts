import { type Command, CommandHelp, Help, type Interfaces } from '@oclif/core';
import { GROUPS } from './groups.ts';

const WORD = '<value>';

/** What people read: `asbb --help` by what they came for, and a usage line that one can read. */
class AsbbCommandHelp extends CommandHelp {
  /** The words that must be typed; all flags follow below, one a line. */
  protected override defaultUsage(): string {
    const { id, args, flags } = this.command;
    const shown = Object.values(args).filter(({ hidden }) => hidden !== true);
    const required = Object.entries(flags).flatMap(([name, flag]) =>
      flag.required === true ? [`--${name} ${wordOf(flag)}`] : [],
    );
    return [id, ...shown.map((arg) => this.arg(arg)), ...required, '[flags]'].join(' ');
  }

  /** What must be given stands first; a list of words would leave no room for what they mean. */
  protected override flags(flags: Flag[]): [string, string | undefined][] | undefined {
    const sorted = [true, false].flatMap((isFirst) =>
      flags.filter(({ required }) => (required === true) === isFirst),
    );
    return super.flags(sorted.map(withChoicesBelow));
  }
}

type Flag = Command.Flag.Any;

function choicesOf(flag: Flag): readonly string[] {
  if (flag.type !== 'option') {
    return [];
  }
  const { helpValue, options } = flag;
  return typeof helpValue === 'string' ? helpValue.split('|') : (options ?? []);
}

function withChoicesBelow(flag: Flag): Flag {
  const choices = choicesOf(flag);
  return flag.type === 'option' && choices.length > 1
    ? { ...flag, helpValue: WORD, summary: `${flag.summary ?? ''}\nOne of: ${choices.join(', ')}.` }
    : flag;
}

function wordOf(flag: Flag): string {
  const choices = choicesOf(flag);
  return choices.length === 1 ? (choices[0] ?? WORD) : WORD;
}

class AsbbHelp extends Help {
  protected override CommandHelpClass = AsbbCommandHelp;

  protected override showRootHelp(): Promise<void> {
    const summaries = new Map([
      ...this.sortedTopics.map(({ name, description }) => [name, description ?? ''] as const),
      ...this.sortedCommands.map((each) => [each.id, this.summary(each) ?? ''] as const),
    ]);
    const groups = Object.entries(GROUPS).map(([title, names]) =>
      this.section(
        title,
        names.map((name) => [name, summaries.get(name) ?? ''] as [string, string]),
      ),
    );
    const { bin } = this.config;
    const blocks = [
      String(this.config.pjson['description'] ?? ''),
      this.section(
        'USAGE',
        [
          `$ ${bin} COMMAND [flags]`,
          `$ ${bin} COMMAND --help       its flags, and examples that work as typed`,
          `$ ${bin} COMMAND --json       one JSON document on stdout`,
        ].join('\n'),
      ),
      ...groups,
    ];
    this.log(`${blocks.join('\n\n')}\n`);
    return Promise.resolve();
  }
}

/** oclif would load a help class from a file; there is none beside the executable. */
export async function showHelp(argv: readonly string[], config: Interfaces.Config): Promise<void> {
  await new AsbbHelp(config, { hideCommandSummaryInDescription: true }).showHelp([...argv]);
}
