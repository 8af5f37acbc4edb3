// Tags: rules of their form, and what of them is visible yet.
import { ApiError, invalidValue } from './errors.ts';
import type { Params } from './params.ts';
import type { Instance } from './state.ts';

const KEY_MAX = 128;
const VALUE_MAX = 256;
const TAGS_MAX = 50;

/** Tags of a `Tag.n.{Key,Value}` list. */
export function readTags(params: Params, name = 'Tag'): Map<string, string> {
  const tags = new Map<string, string>();
  for (const tag of params.structs(name)) {
    const key = tag.need('Key');
    const value = tag.str('Value') ?? '';
    if (key.length > KEY_MAX || key.startsWith('aws:')) {
      throw invalidValue('Tag.Key', key);
    }
    if (value.length > VALUE_MAX) {
      throw invalidValue('Tag.Value', value);
    }
    if (tags.has(key)) {
      throw new ApiError('InvalidParameterValue', `Duplicate tag key '${key}' specified.`);
    }
    tags.set(key, value);
  }
  return tags;
}

/** `TagSpecification.n`: tags by resource type. */
export function readTagSpecifications(
  params: Params,
  allowed: readonly string[],
): Map<string, Map<string, string>> {
  const byType = new Map<string, Map<string, string>>();
  for (const spec of params.structs('TagSpecification')) {
    const type = spec.need('ResourceType');
    if (!allowed.includes(type)) {
      throw invalidValue('TagSpecification.ResourceType', type);
    }
    const tags = readTags(spec);
    checkCount(tags);
    byType.set(type, new Map([...(byType.get(type) ?? []), ...tags]));
  }
  return byType;
}

/** EC2's own tags (`aws:`) do not count. */
export function checkCount(tags: ReadonlyMap<string, string>): void {
  const own = [...tags.keys()].filter((key) => !key.startsWith('aws:'));
  if (own.length > TAGS_MAX) {
    throw new ApiError('TagLimitExceeded', `More than ${TAGS_MAX} tags on one resource.`);
  }
}

/** What Describe shows at `nowUs`: a late tag is still missing or has its old value. */
export function visibleTags(instance: Instance, nowUs: number): ReadonlyMap<string, string> {
  if (instance.lateTags.length === 0) {
    return instance.tags;
  }
  instance.lateTags = instance.lateTags.filter((late) => late.untilUs > nowUs);
  const shown = new Map(instance.tags);
  for (const late of [...instance.lateTags].reverse()) {
    if (late.before === undefined) {
      shown.delete(late.key);
    } else {
      shown.set(late.key, late.before);
    }
  }
  return shown;
}

export function setTags(
  instance: Instance,
  tags: ReadonlyMap<string, string>,
  nowUs: number,
): void {
  for (const [key, value] of tags) {
    if (instance.tagsLateUs > 0) {
      const before = instance.tags.get(key);
      instance.lateTags.push({ key, before, untilUs: nowUs + instance.tagsLateUs });
    }
    instance.tags.set(key, value);
  }
}

export function tagSet(tags: ReadonlyMap<string, string>): { key: string; value: string }[] {
  return [...tags].map(([key, value]) => ({ key, value }));
}
