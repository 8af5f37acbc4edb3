/** What a view is made of besides the rows. */
export interface Moment {
  readonly nowUs: number;
  readonly today: number;
  readonly clusterName: string;
  /** YYYYMMDD of epoch seconds in the site zone. */
  readonly dayOf: (epochS: number) => number;
}
