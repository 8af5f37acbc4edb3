import {
  DescribeInstanceStatusCommand,
  type EC2Client,
  type Filter,
  type InstanceStatus,
  type InstanceStatusSummary,
} from '@aws-sdk/client-ec2';
import type { InstanceHealth } from '../../ports/cloud.ts';
import { allPages } from './pages.ts';

const PAGE_SIZE = 1000;
const MS_PER_SECOND = 1000;

/**
 * Three filtered listings of the account's running instances, never one call an instance (burst.md
 * 9.3). EC2 ANDs filters, so a failed instance check, a failed system check and an event are three.
 */
export async function describeHealth(
  client: EC2Client,
  eventCodes: readonly string[],
): Promise<readonly InstanceHealth[]> {
  const filters: readonly Filter[] = [
    { Name: 'instance-status.status', Values: ['impaired'] },
    { Name: 'system-status.status', Values: ['impaired'] },
    { Name: 'event.code', Values: [...eventCodes] },
  ];
  const lists = await Promise.all(filters.map((filter) => listed(client, filter)));
  const found = new Map(lists.flat().map((status) => [status.InstanceId ?? '', status]));
  return [...found.values()].map((status) => healthOf(status, eventCodes));
}

async function listed(client: EC2Client, filter: Filter): Promise<readonly InstanceStatus[]> {
  return await allPages('DescribeInstanceStatus', async (token) => {
    const { InstanceStatuses, NextToken } = await client.send(
      new DescribeInstanceStatusCommand({
        Filters: [filter],
        MaxResults: PAGE_SIZE,
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    );
    return { items: InstanceStatuses, nextToken: NextToken };
  });
}

function healthOf(status: InstanceStatus, eventCodes: readonly string[]): InstanceHealth {
  const since = [status.InstanceStatus, status.SystemStatus].flatMap(impairedSince);
  // What is over is still listed, with a mark in its description.
  const events = (status.Events ?? [])
    .filter(({ Description = '' }) => !OVER.test(Description))
    .map(({ Code = '', NotBefore }) => ({ code: Code as string, atS: secondsOf(NotBefore) ?? 0 }))
    .filter(({ code }) => eventCodes.includes(code))
    .toSorted((a, b) => a.atS - b.atS);
  return {
    instanceId: status.InstanceId ?? '',
    impairedS: since.length === 0 ? undefined : Math.min(...since),
    events,
  };
}

const OVER = /^\[(?:Completed|Canceled)\]/;

function impairedSince(summary: InstanceStatusSummary | undefined): readonly number[] {
  return summary?.Status === 'impaired'
    ? (summary.Details ?? []).flatMap(({ ImpairedSince }) => secondsOf(ImpairedSince) ?? [])
    : [];
}

function secondsOf(time: Date | undefined): number | undefined {
  return time === undefined ? undefined : Math.floor(time.getTime() / MS_PER_SECOND);
}
