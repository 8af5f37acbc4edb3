// DescribeSpotPriceHistory and DescribeSpotInstanceRequests (fake-ec2.md 3.4).
import type { Call } from './engine.ts';
import { ApiError, invalidValue } from './errors.ts';
import { readFilter } from './filters.ts';
import { paginate } from './paging.ts';
import type { SpotRequest } from './state.ts';
import { isoSeconds, parseIso, SECOND_US, seconds } from './time.ts';
import type { Xml } from './xml.ts';

const PRODUCT = 'Linux/UNIX';

/** `681000000` → `0.068100`; further digits only where there are some. */
function priceText(e10: number): string {
  const digits = String(e10).padStart(11, '0');
  const fraction = digits.slice(-10);
  const short = fraction.endsWith('0000') ? fraction.slice(0, 6) : fraction;
  return `${digits.slice(0, -10)}.${short}`;
}

interface PriceRow {
  readonly type: string;
  readonly az: string;
  readonly atS: number;
  readonly e10: number;
}

export function describeSpotPriceHistory(call: Call): Xml {
  const { params } = call;
  const types = params.list('InstanceType');
  const products = params.list('ProductDescription');
  const zone = params.text('AvailabilityZone');
  const rows = products.length > 0 && !products.includes(PRODUCT) ? [] : rowsBetween(call);
  const chosen = rows.filter(
    (row) => (types.length === 0 || types.includes(row.type)) && (zone ?? row.az) === row.az,
  );
  const keep = readFilter<PriceRow>(params, {
    'instance-type': (row) => [row.type],
    'availability-zone': (row) => [row.az],
    'product-description': () => [PRODUCT],
    'spot-price': (row) => [priceText(row.e10)],
  });
  const page = paginate(call, chosen, { min: 1, max: 1000, position: (_row, i) => i, keep });
  return {
    spotPriceHistorySet: page.items.map((row) => ({
      instanceType: row.type,
      productDescription: PRODUCT,
      spotPrice: priceText(row.e10),
      timestamp: isoSeconds(row.atS * SECOND_US),
      availabilityZone: row.az,
    })),
    // The last page has an empty element, not none.
    nextToken: page.next ?? '',
  };
}

/** Newest first; the price in force at the start of the interval belongs to it although older. */
function rowsBetween(call: Call): readonly PriceRow[] {
  const { state } = call.engine;
  const fromS = timeParam(call, 'StartTime') ?? Number.NEGATIVE_INFINITY;
  const toS = Math.min(
    timeParam(call, 'EndTime') ?? Number.POSITIVE_INFINITY,
    seconds(state.nowUs),
  );
  const found: PriceRow[] = [];
  for (const [key, rows] of state.spotPrices) {
    const [type = '', az = ''] = key.split('|');
    const before = rows.findLast((row) => row.atS <= fromS);
    for (const row of rows) {
      if (row === before || (row.atS > fromS && row.atS <= toS)) {
        found.push({ type, az, ...row });
      }
    }
  }
  return found.sort((a, b) => b.atS - a.atS);
}

function timeParam(call: Call, name: string): number | undefined {
  const text = call.params.text(name);
  const us = text === undefined ? undefined : parseIso(text);
  if (text !== undefined && us === undefined) {
    throw invalidValue(name, text);
  }
  return us === undefined ? undefined : seconds(us);
}

const MESSAGES: Readonly<Record<string, string>> = {
  fulfilled: 'Your spot request is fulfilled.',
  'marked-for-termination': 'Your Spot Instance is marked for termination.',
  'instance-terminated-no-capacity':
    'Your Spot instance was terminated because there is no Spot capacity available.',
  'instance-terminated-by-user': 'Your Spot Instance was terminated by user request.',
};

export function describeSpotInstanceRequests(call: Call): Xml {
  const { engine, params } = call;
  const ids = params.list('SpotInstanceRequestId');
  const all = [...engine.state.spotRequests.values()];
  for (const id of ids) {
    if (!engine.state.spotRequests.has(id)) {
      throw new ApiError(
        'InvalidSpotInstanceRequestID.NotFound',
        `The spot instance request ID '${id}' does not exist`,
      );
    }
  }
  if (ids.length > 0 && params.has('MaxResults')) {
    throw new ApiError('InvalidParameterCombination', 'MaxResults cannot be used with ids.');
  }
  const named = ids.length === 0 ? all : all.filter((request) => ids.includes(request.id));
  const keep = readFilter<SpotRequest>(params, {
    'spot-instance-request-id': (request) => [request.id],
    'instance-id': (request) => [request.instanceId],
    state: (request) => [stateOfRequest(request)],
    'status-code': (request) => [request.code],
  });
  const page = paginate(call, named, { min: 5, max: 1000, position: (_r, i) => i, keep });
  return {
    spotInstanceRequestSet: page.items.map((request) => ({
      spotInstanceRequestId: request.id,
      instanceId: request.instanceId,
      state: stateOfRequest(request),
      status: {
        code: request.code,
        message: MESSAGES[request.code] ?? '',
        updateTime: isoSeconds(request.updatedUs),
      },
      createTime: isoSeconds(request.createdUs),
    })),
    ...(page.next === undefined ? {} : { nextToken: page.next }),
  };
}

function stateOfRequest(request: SpotRequest): string {
  return request.code.startsWith('instance-terminated') ? 'closed' : 'active';
}
