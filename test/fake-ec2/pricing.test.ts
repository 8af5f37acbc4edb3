import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeEc2, startFakeEc2 } from '../support/fake-ec2.ts';
import { authorization, WORLD } from './fixture.ts';

// GetProducts on plain HTTP: fake-ec2.md section 9.

let fake: FakeEc2;

beforeAll(async () => {
  fake = await startFakeEc2(WORLD);
});

afterAll(async () => {
  await fake.stop();
});

beforeEach(async () => {
  await fake.reset();
});

interface Product {
  readonly product: { readonly sku: string; readonly attributes: Readonly<Record<string, string>> };
  readonly terms?: {
    readonly OnDemand: Readonly<
      Record<
        string,
        {
          readonly priceDimensions: Readonly<
            Record<string, { beginRange: string; pricePerUnit: Readonly<Record<string, string>> }>
          >;
        }
      >
    >;
  };
}

async function ask(body: object, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(fake.url, {
    method: 'POST',
    headers: {
      authorization: authorization('pricing'),
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSPriceListService.GetProducts',
      ...headers,
    },
    body: JSON.stringify({ ServiceCode: 'AmazonEC2', FormatVersion: 'aws_v1', ...body }),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  return { status: response.status, type: response.headers.get('content-type'), answer };
}

function equals(fields: Readonly<Record<string, string>>) {
  return Object.entries(fields).map(([Field, Value]) => ({ Type: 'TERM_MATCH', Field, Value }));
}

/** Each member is a string that contains JSON. */
async function products(fields: Readonly<Record<string, string>>): Promise<readonly Product[]> {
  const { answer } = await ask({ Filters: equals(fields) });
  return (answer['PriceList'] as string[]).map((text) => JSON.parse(text) as Product);
}

function dimensions(product: Product | undefined) {
  const [term] = Object.values(product?.terms?.OnDemand ?? {});
  return Object.values(term?.priceDimensions ?? {});
}

describe('the lists', () => {
  it('has one price for a type in a region', async () => {
    const found = await products({ instanceType: 'c5.xlarge', regionCode: 'us-east-1' });
    expect(found).toHaveLength(1);
    expect(found[0]?.product.attributes).toMatchObject({
      location: 'US East (N. Virginia)',
      operatingSystem: 'Linux',
      tenancy: 'Shared',
      capacitystatus: 'Used',
      preInstalledSw: 'NA',
      usagetype: 'BoxUsage:c5.xlarge',
      vcpu: '4',
      memory: '8 GiB',
    });
    expect(dimensions(found[0])[0]?.pricePerUnit).toEqual({ USD: '0.1700000000' });
  });

  it('covers two regions, at most 30 types, and gives pages', async () => {
    const seen: Product[] = [];
    let token: unknown;
    do {
      const { answer } = await ask({ MaxResults: 10, NextToken: token });
      const page = answer['PriceList'] as string[];
      expect(page.length).toBeLessThanOrEqual(10);
      seen.push(...page.map((text) => JSON.parse(text) as Product));
      token = answer['NextToken'];
    } while (token !== undefined);
    const regions = new Set(seen.map((one) => one.product.attributes['regionCode']));
    const types = new Set(seen.map((one) => one.product.attributes['instanceType']));
    expect(regions).toEqual(new Set(['us-east-1', 'us-west-2']));
    expect(types.size).toBeLessThanOrEqual(30);
    expect(seen).toHaveLength(types.size * 2);
    expect(new Set(seen.map((one) => one.product.sku)).size).toBe(seen.length);
  });

  it('answers nothing for a type it does not list', async () => {
    expect(await products({ instanceType: 'x9.enormous' })).toEqual([]);
  });
});

describe('traps', () => {
  beforeEach(async () => {
    await fake.world({ price_lists: ['traps'] });
  });

  it('several capacity states of one type', async () => {
    const found = await products({ instanceType: 'trap.two-skus' });
    expect(found.map((one) => one.product.attributes['capacitystatus'])).toEqual([
      'Used',
      'UnusedCapacityReservation',
      'AllocatedCapacityReservation',
    ]);
    const used = await products({ instanceType: 'trap.two-skus', capacitystatus: 'Used' });
    expect(used).toHaveLength(1);
  });

  it('a price of zero, one in another currency, none, and one in steps', async () => {
    async function prices(type: string) {
      return dimensions((await products({ instanceType: type }))[0]);
    }
    expect((await prices('trap.zero'))[0]?.pricePerUnit).toEqual({ USD: '0.0000000000' });
    expect((await prices('trap.cny'))[0]?.pricePerUnit).toEqual({ CNY: '1.2340000000' });
    expect(await prices('trap.no-terms')).toEqual([]);
    expect((await prices('trap.tiered')).map((one) => one.beginRange)).toEqual(['0', '720']);
  });
});

describe('errors are JSON', () => {
  it.each([
    [{ ServiceCode: 'AmazonS3' }],
    [{ MaxResults: 101 }],
    [{ Colour: 'red' }],
    [{ Filters: [{ Type: 'EQUALS', Field: 'a', Value: 'b' }] }],
  ])('InvalidParameterException: %j', async (body) => {
    const { status, type, answer } = await ask(body);
    expect([status, type]).toEqual([400, 'application/x-amz-json-1.1']);
    expect(answer['__type']).toBe('InvalidParameterException');
  });

  it('a page token that nobody gave', async () => {
    expect((await ask({ NextToken: 'x' })).answer['__type']).toBe('InvalidNextTokenException');
  });

  it('throttling and inner errors', async () => {
    await fake.addFaults(
      {
        id: 'a',
        match: { action: 'GetProducts', nth: 1 },
        do: { error: { code: 'RequestLimitExceeded' } },
      },
      {
        id: 'b',
        match: { action: 'GetProducts', nth: 1 },
        do: { error: { code: 'InternalError' } },
      },
    );
    const first = await ask({});
    const second = await ask({});
    expect([first.status, first.answer['__type']]).toEqual([400, 'ThrottlingException']);
    expect([second.status, second.answer['__type']]).toEqual([500, 'InternalErrorException']);
    await fake.requireFaultsFired();
  });

  it('a stranger', async () => {
    const { status, answer } = await ask({}, { authorization: authorization('ec2') });
    expect([status, answer['__type']]).toEqual([400, 'UnrecognizedClientException']);
  });
});
