export const PREFIX = 'ASBB_';
/** EC2's own variable for the same thing as aws.endpoint_url (burst.md 2.1). */
export const ENDPOINT_VARIABLE = 'AWS_ENDPOINT_URL_EC2';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables with a meaning for the configuration, sorted: what a cache of it depends on. */
export function relevant(environment: Environment): readonly (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  for (const name of Object.keys(environment).toSorted()) {
    const value = environment[name];
    if (value !== undefined && (name.startsWith(PREFIX) || name === ENDPOINT_VARIABLE)) {
      found.push([name, value]);
    }
  }
  return found;
}
