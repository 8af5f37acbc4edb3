import {
  type BlockDeviceMapping,
  DescribeImagesCommand,
  type EC2Client,
  type Image,
  type LaunchTemplateBlockDeviceMapping,
  type ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import { type MappedVolume, volumeSizes } from '../../core/burst/volumes.ts';
import { unreadable } from './failure.ts';

type Mapping = BlockDeviceMapping | LaunchTemplateBlockDeviceMapping;

/** Of what lies on EBS, or is taken away; instance store costs nothing. */
export function mappedVolumes(mappings: readonly Mapping[] = []): readonly MappedVolume[] {
  return mappings.flatMap(({ DeviceName, Ebs, NoDevice }) =>
    Ebs === undefined && NoDevice === undefined
      ? []
      : [
          {
            device: DeviceName ?? '',
            gib: Ebs?.VolumeSize,
            deleteOnTermination: Ebs?.DeleteOnTermination,
            ...(NoDevice === undefined ? {} : { isRemoved: true }),
          },
        ],
  );
}

export async function imageOf(client: EC2Client, imageId: string): Promise<Image> {
  const { Images } = await client.send(new DescribeImagesCommand({ ImageIds: [imageId] }));
  const [found] = Images ?? [];
  if (found === undefined) {
    throw unreadable('DescribeImages');
  }
  return found;
}

const IMAGE = /^ami-/u;

/** GiB of the volumes that instances of this template have. An image behind `resolve:ssm:` tells nothing. */
export async function templateVolumes(
  client: EC2Client,
  { ImageId = '', BlockDeviceMappings }: ResponseLaunchTemplateData,
): Promise<readonly number[]> {
  const image = IMAGE.test(ImageId) ? await imageOf(client, ImageId) : undefined;
  return volumeSizes(mappedVolumes(BlockDeviceMappings), mappedVolumes(image?.BlockDeviceMappings));
}
