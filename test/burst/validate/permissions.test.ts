import { describe, expect, it } from 'vitest';
import { iamPolicyActions } from '../../../src/core/burst/iam-policy.ts';
import { liveChecks } from '../../../src/flows/burst-validate.ts';
import { nodeNames, startSite } from '../support/site.ts';
import { HEALTHY, portsOf, portsWith, settingsOf, writeConf, wrongOnes } from './place.ts';

describe('each permission of 5.8, by dry run', () => {
  it('says of each that it is denied, and never does it', async () => {
    const site = await startSite();
    await site.start(await site.submit(), nodeNames('cpu', 1, 1));
    const before = await site.fake.state();
    await site.fake.world({ ...HEALTHY, deny: [{ action: '*', where: { DryRun: 'true' } }] });
    const settings = settingsOf(site, {});
    writeConf(settings);
    const checks = await liveChecks(portsWith(site, settings));
    expect(checks.filter(({ id }) => id === 'permission')).toEqual(
      iamPolicyActions(true).map((action) => ({
        id: 'permission',
        severity: 'error',
        path: `ec2:${action}`,
        message: `UnauthorizedOperation: You are not authorized to perform this operation: ${action}.`,
        fix: 'attach the policy that asbb burst iam-policy prints',
      })),
    );
    const { instances, groups, fleets } = await site.fake.state();
    expect({ instances, groups, fleets }).toEqual({
      instances: before.instances,
      groups: before.groups,
      fleets: before.fleets,
    });
  });

  it('of one alone', async () => {
    const deny = [{ action: 'CreateFleet', where: { DryRun: 'true' } }];
    const checks = await liveChecks(await portsOf({ world: { deny } }));
    expect(wrongOnes(checks)).toEqual(['error permission']);
  });

  it('without an instance, calls on instances are not tried, and nothing is said against them', async () => {
    const checks = await liveChecks(await portsOf({}));
    const untried = checks.filter(({ id, severity }) => id === 'permission' && severity !== 'ok');
    expect(untried.map(({ severity, path }) => `${severity} ${path}`)).toEqual([
      'skipped ec2:CreateTags',
      'skipped ec2:TerminateInstances',
      'skipped ec2:RebootInstances',
    ]);
  });
});
