import {
  DescribeLaunchTemplateVersionsCommand,
  type EC2Client,
  type ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import { unreadable } from './failure.ts';

/** A launch template by its id, or by its name where the id is ''. */
export interface TemplateQuestion {
  readonly name: string;
  readonly id: string;
  /** A number, `$Latest` or `$Default`. */
  readonly version: string;
}

export interface TemplateVersion {
  readonly id: string;
  /** The number that the question's version stands for now. */
  readonly name: string | undefined;
  readonly version: string;
  readonly data: ResponseLaunchTemplateData;
}

/** One version of a launch template. Fault when the answer has none. */
export async function templateVersion(
  client: EC2Client,
  { name, id, version }: TemplateQuestion,
): Promise<TemplateVersion> {
  const { LaunchTemplateVersions } = await client.send(
    new DescribeLaunchTemplateVersionsCommand({
      ...(id === '' ? { LaunchTemplateName: name } : { LaunchTemplateId: id }),
      Versions: [version],
    }),
  );
  const [found] = LaunchTemplateVersions ?? [];
  if (found?.LaunchTemplateId === undefined || found.VersionNumber === undefined) {
    throw unreadable('DescribeLaunchTemplateVersions');
  }
  return {
    id: found.LaunchTemplateId,
    name: found.LaunchTemplateName,
    version: `${found.VersionNumber}`,
    data: found.LaunchTemplateData ?? {},
  };
}

/** EC2 knows `efa` and `efa-only`. */
export function hasEfaInterface({ NetworkInterfaces = [] }: ResponseLaunchTemplateData): boolean {
  return NetworkInterfaces.some(({ InterfaceType }) => InterfaceType?.startsWith('efa') === true);
}
