import { Version as Output } from '../schema/output/version.ts';
import { AsbbCommand } from '../src/cli/base.ts';
import { build, runtimeName } from '../src/cli/build.ts';
import { blockText } from '../src/cli/table.ts';

export default class Version extends AsbbCommand {
  static override readonly summary = 'Show the version, and what it runs on.';
  static override readonly examples = [
    '<%= config.bin %> version',
    '<%= config.bin %> version --json',
  ];
  static readonly output = Output;

  async run(): Promise<Output> {
    await this.parse(Version);
    const { platform, arch } = process;
    this.log(
      blockText('', {
        Version: build.version,
        'Git Commit': build.commit,
        'Build Time': build.time,
        'Go Version': runtimeName(),
        'OS/Arch': `${platform}/${arch}`,
      }),
    );
    return {
      version: build.version,
      git_commit: build.commit,
      build_time: build.time,
      runtime: runtimeName(),
      os: platform,
      arch,
    };
  }
}
