import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import { call, IMAGE, SUBNET_A, WORLD } from './fixture.ts';

// Programs that stand for nodes: fake-ec2.md section 7.

let dir = '';
let log = '';
let fake: FakeEc2;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fake-ec2-boot-'));
  log = join(dir, 'log');
  const program = join(dir, 'node');
  // One line a call: its arguments, its whole environment, its directory.
  writeFileSync(
    program,
    `#!/bin/sh\necho "$* $(env -u PWD -u _ -u SHLVL | tr '\\n' ' ')$(pwd)" >>${log}\n`,
  );
  chmodSync(program, 0o755);
  fake = await startFakeEc2({
    ...WORLD,
    boot: {
      running: [
        program,
        'boot',
        '{node}',
        '{instance_id}',
        '{ip}',
        '$(touch /tmp/canary-fake-ec2)',
      ],
      gone: [program, 'kill', '{node}'],
      env: { SLURM_LAB: dir },
      node_tag: 'SlurmNode',
      tag_wait_s: 300,
    },
  });
});

afterAll(async () => {
  await fake.stop();
  rmSync(dir, { recursive: true });
});

beforeEach(async () => {
  await fake.reset();
  rmSync(log, { force: true });
});

async function launch(tags: Readonly<Record<string, string>> = {}): Promise<string> {
  const entries = Object.entries(tags).flatMap(([key, value], i) => [
    [`TagSpecification.1.Tag.${i + 1}.Key`, key],
    [`TagSpecification.1.Tag.${i + 1}.Value`, value],
  ]);
  await call(fake, 'RunInstances', {
    MinCount: '1',
    MaxCount: '1',
    ImageId: IMAGE,
    InstanceType: 'c5.large',
    SubnetId: SUBNET_A,
    ...(entries.length > 0 ? { 'TagSpecification.1.ResourceType': 'instance' } : {}),
    ...Object.fromEntries(entries),
  });
  return (await fake.launched()).at(-1) ?? '';
}

async function name(id: string, node: string): Promise<void> {
  await call(fake, 'CreateTags', {
    'ResourceId.1': id,
    'Tag.1.Key': 'SlurmNode',
    'Tag.1.Value': node,
  });
}

function lines(): readonly string[] {
  return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
}

it('boots a named node when it runs, and kills it when it leaves', async () => {
  const id = await launch({ SlurmNode: 'cloud-1' });
  const ip = (await fake.live())[0]?.ip;
  await fake.advance(60);
  expect(lines()).toEqual([
    `boot cloud-1 ${id} ${ip} $(touch /tmp/canary-fake-ec2) SLURM_LAB=${dir} /`,
  ]);
  expect(existsSync('/tmp/canary-fake-ec2')).toBe(false);
  await call(fake, 'TerminateInstances', { 'InstanceId.1': id });
  await fake.clock();
  expect(lines().at(-1)).toBe(`kill cloud-1 SLURM_LAB=${dir} /`);
});

it('waits for its name, and shuts itself down when it never comes', async () => {
  const named = await launch();
  const nameless = await launch();
  await fake.advance(200);
  expect(lines()).toEqual([]);
  await name(named, 'cloud-2');
  expect(lines()).toHaveLength(1);
  await fake.advance(200);
  expect((await fake.live()).map((i) => i.id)).toEqual([named]);
  expect(await fake.terminatedBy('tag-wait')).toEqual([nameless]);
  expect(lines()).toHaveLength(1);
  const shown = await call(fake, 'DescribeInstances', { 'InstanceId.1': nameless });
  expect(shown.text).toContain('Client.InstanceInitiatedShutdown');
});

it('does not call the program of a node that never started', async () => {
  const id = await launch({ SlurmNode: 'cloud-3' });
  await call(fake, 'TerminateInstances', { 'InstanceId.1': id });
  await fake.advance(100);
  expect(lines()).toEqual([]);
});

it('restarts a node', async () => {
  const id = await launch({ SlurmNode: 'cloud-4' });
  await fake.advance(60);
  await call(fake, 'RebootInstances', { 'InstanceId.1': id });
  await fake.clock();
  expect(lines().map((line) => line.split(' ')[0])).toEqual(['boot', 'kill', 'boot']);
});

it('makes slow nodes and dead ones', async () => {
  await fake.world({ boot: { delay_s: 50, fail: ['2'] } });
  await launch({ SlurmNode: 'slow' });
  const dead = await launch({ SlurmNode: 'dead' });
  await fake.advance(48);
  expect(lines()).toEqual([]);
  await fake.advance(50);
  expect(lines().map((line) => line.split(' ')[1])).toEqual(['slow']);
  const failed = (await fake.journal()).filter((entry) => entry['event'] === 'boot_failed');
  expect(failed.map((entry) => entry['instance'])).toEqual([dead]);
  await fake.expect({ running: 2 });
});

it('notes a program that fails, and the instance goes on', async () => {
  await fake.world({ boot: { running: ['/bin/sh', '-c', 'echo no >&2; exit 3'] } });
  await launch({ SlurmNode: 'cloud-5' });
  await fake.advance(60);
  const failed = (await fake.journal()).find((entry) => entry['event'] === 'boot_failed');
  expect(failed).toMatchObject({ exit: 3, stderr: 'no\n', node: 'cloud-5' });
  await fake.expect({ running: 1 });
});

it('refuses a program without an absolute path', async () => {
  await expect(fake.world({ boot: { running: ['sh'] } })).rejects.toThrow('absolute program');
});
