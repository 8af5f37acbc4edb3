import { type Filter, PricingClient, paginateGetProducts } from '@aws-sdk/client-pricing';
import { PriceListProduct } from '../../../schema/price-list.ts';
import { type ListedPrice, onDemandPrice, priceFilters } from '../../core/burst/price-table.ts';
import type { Settings } from '../../core/config/settings.ts';
import { EXIT, Fault } from '../../core/errors.ts';
import type { Rate } from '../../core/money/rate.ts';
import type { PriceList } from '../../ports/prices.ts';
import { commonConfig } from './client.ts';

/** The service answers in three regions only, for the prices of all. */
const SERVICE_REGION = 'us-east-1';
const PAGE = 100;

/** AWS Price List Query API, GetProducts (`pricing:GetProducts`, burst.md 5.8). */
export class AwsPriceList implements PriceList {
  readonly #client: PricingClient;

  constructor({ aws, test_mode }: Settings) {
    this.#client = new PricingClient({
      ...commonConfig(aws, test_mode),
      region: SERVICE_REGION,
      maxAttempts: aws.retry_max_attempts,
      retryMode: aws.retry_mode,
    });
  }

  async onDemand(instanceType: string, region: string): Promise<Rate | undefined> {
    const filters = Object.entries(priceFilters(instanceType, region)).map(
      ([Field, Value]): Filter => ({ Type: 'TERM_MATCH', Field, Value }),
    );
    const listed: ListedPrice[] = [];
    try {
      const pages = paginateGetProducts(
        { client: this.#client, pageSize: PAGE },
        { ServiceCode: 'AmazonEC2', Filters: filters, FormatVersion: 'aws_v1' },
      );
      for await (const { PriceList: products = [] } of pages) {
        listed.push(...products.flatMap((product: unknown) => pricesOf(String(product))));
      }
    } catch (cause) {
      throw new Fault(`the AWS price list did not answer for ${instanceType}: ${textOf(cause)}`, {
        cause,
        exitCode: EXIT.tryAgain,
        advice: 'the role needs pricing:GetProducts; or set on_demand_price in the configuration',
      });
    }
    return onDemandPrice(listed, instanceType, region);
  }
}

function pricesOf(text: string): readonly ListedPrice[] {
  const { product, terms } = PriceListProduct.parse(JSON.parse(text));
  return Object.values(terms?.OnDemand ?? {})
    .flatMap(({ priceDimensions }) => Object.values(priceDimensions))
    .map(({ unit, beginRange = '0', endRange = 'Inf', pricePerUnit }) => ({
      attributes: product.attributes,
      unit,
      isFlat: beginRange === '0' && endRange === 'Inf',
      usd: pricePerUnit['USD'],
    }));
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
