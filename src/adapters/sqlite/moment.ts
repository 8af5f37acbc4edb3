/** What a view is made of besides the rows. */
export interface Moment {
  readonly nowUs: number;
  readonly today: number;
  readonly clusterName: string;
  /** `grant_management.liquidation_days`; absent: the usual ones. */
  readonly liquidationDays?: number | undefined;
  /** YYYYMMDD of epoch seconds in the site zone. */
  readonly dayOf: (epochS: number) => number;
}
