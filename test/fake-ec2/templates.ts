// Launch templates and their versions.
import type { Call } from './engine.ts';
import { ApiError, missing } from './errors.ts';
import { Params } from './params.ts';
import { hex } from './random.ts';
import type { State, Template, TemplateVersion } from './state.ts';
import { readTagSpecifications, tagSet } from './tags.ts';
import { flattenTemplate, templateXml } from './template-data.ts';
import { isoSeconds } from './time.ts';
import type { World } from './world.ts';
import type { Xml } from './xml.ts';

const NAME = /^[a-zA-Z0-9().\-/_]{3,128}$/;

/** The templates that a world declares, as if somebody had made them before the start. */
export function settleTemplates(state: State, world: World): void {
  for (const spec of world.launch_templates) {
    if (!state.templates.has(spec.id)) {
      const versions = spec.versions.map((data, i) => ({
        version: i + 1,
        createdUs: state.epochUs,
        description: '',
        data: flattenTemplate(data),
      }));
      state.templates.set(spec.id, {
        id: spec.id,
        name: spec.name,
        createdUs: state.epochUs,
        defaultVersion: spec.default_version ?? 1,
        versions,
        tags: new Map(),
      });
    }
  }
}

/** The template that `LaunchTemplateId` or `LaunchTemplateName` names. */
export function findTemplate(call: Call, params: Params): Template {
  const id = params.text('LaunchTemplateId');
  const name = params.text('LaunchTemplateName');
  if (id !== undefined && name !== undefined) {
    throw new ApiError(
      'InvalidParameterCombination',
      'Give either LaunchTemplateId or LaunchTemplateName.',
    );
  }
  if (id === undefined && name === undefined) {
    throw missing('LaunchTemplateId');
  }
  return id === undefined ? templateByName(call, name ?? '') : templateById(call, id);
}

function templateById(call: Call, id: string): Template {
  const template = call.engine.state.templates.get(id);
  if (template === undefined) {
    throw new ApiError(
      'InvalidLaunchTemplateId.NotFound',
      `The specified launch template, with template ID ${id}, does not exist.`,
    );
  }
  return template;
}

function templateByName(call: Call, name: string): Template {
  for (const template of call.engine.state.templates.values()) {
    if (template.name === name) {
      return template;
    }
  }
  throw new ApiError(
    'InvalidLaunchTemplateName.NotFoundException',
    `The specified launch template, with template name ${name}, does not exist.`,
  );
}

export function findVersion(template: Template, wanted: string): TemplateVersion {
  let number = Number(wanted);
  if (wanted === '$Latest') {
    number = template.versions.length;
  } else if (wanted === '$Default') {
    number = template.defaultVersion;
  }
  const found = template.versions.find((version) => version.version === number);
  if (found === undefined) {
    throw new ApiError(
      'InvalidLaunchTemplateId.VersionNotFound',
      `Could not find launch template version ${wanted} of ${template.id}.`,
    );
  }
  return found;
}

export function createLaunchTemplate(call: Call): Xml {
  const { state } = call.engine;
  const name = call.params.need('LaunchTemplateName');
  if (!NAME.test(name)) {
    throw new ApiError('InvalidLaunchTemplateName.MalformedException', `Malformed name ${name}.`);
  }
  for (const template of state.templates.values()) {
    if (template.name === name) {
      throw new ApiError(
        'InvalidLaunchTemplateName.AlreadyExistsException',
        'Launch template name already in use.',
      );
    }
  }
  const data = dataOf(call);
  const tags = readTagSpecifications(call.params, ['launch-template']).get('launch-template');
  const template: Template = {
    id: `lt-${hex(state.streams, 'template', 17)}`,
    name,
    createdUs: state.nowUs,
    defaultVersion: 1,
    versions: [{ version: 1, createdUs: state.nowUs, description: description(call), data }],
    tags: tags ?? new Map(),
  };
  if (!call.isPretence) {
    state.templates.set(template.id, template);
  }
  return { launchTemplate: templateHead(call, template) };
}

export function createLaunchTemplateVersion(call: Call): Xml {
  const { state } = call.engine;
  const template = findTemplate(call, call.params);
  const source = call.params.text('SourceVersion');
  const base =
    source === undefined ? new Map<string, string>() : findVersion(template, source).data;
  const version: TemplateVersion = {
    version: template.versions.length + 1,
    createdUs: state.nowUs,
    description: description(call),
    data: new Map([...base, ...dataOf(call)]),
  };
  if (!call.isPretence) {
    template.versions.push(version);
  }
  return { launchTemplateVersion: versionXml(call, template, version) };
}

export function describeLaunchTemplates(call: Call): Xml {
  const ids = call.params.list('LaunchTemplateId').map((id) => templateById(call, id));
  const named = call.params.list('LaunchTemplateName').map((name) => templateByName(call, name));
  const chosen = [...ids, ...named];
  const all = chosen.length > 0 ? chosen : [...call.engine.state.templates.values()];
  return { launchTemplates: all.map((template) => templateHead(call, template)) };
}

export function describeLaunchTemplateVersions(call: Call): Xml {
  const template = findTemplate(call, call.params);
  const wanted = call.params.list('LaunchTemplateVersion');
  const versions =
    wanted.length > 0 ? wanted.map((v) => findVersion(template, v)) : template.versions;
  return {
    launchTemplateVersionSet: versions.map((version) => versionXml(call, template, version)),
  };
}

function description(call: Call): string {
  return call.params.text('VersionDescription') ?? '';
}

function dataOf(call: Call): Map<string, string> {
  const data = call.params.struct('LaunchTemplateData').below();
  if (data.size === 0) {
    throw missing('LaunchTemplateData');
  }
  readTagSpecifications(new Params(data), [
    'instance',
    'volume',
    'network-interface',
    'spot-instances-request',
  ]);
  return data;
}

function templateHead(call: Call, template: Template): Xml {
  return {
    launchTemplateId: template.id,
    launchTemplateName: template.name,
    createTime: isoSeconds(template.createdUs),
    createdBy: creator(call),
    defaultVersionNumber: template.defaultVersion,
    latestVersionNumber: template.versions.length,
    ...(template.tags.size > 0 ? { tagSet: tagSet(template.tags) } : {}),
  };
}

function versionXml(call: Call, template: Template, version: TemplateVersion): Xml {
  return {
    launchTemplateId: template.id,
    launchTemplateName: template.name,
    versionNumber: version.version,
    ...(version.description === '' ? {} : { versionDescription: version.description }),
    createTime: isoSeconds(version.createdUs),
    createdBy: creator(call),
    defaultVersion: version.version === template.defaultVersion,
    launchTemplateData: templateXml(version.data),
  };
}

function creator(call: Call): string {
  return `arn:aws:iam::${call.engine.world.account}:user/fake`;
}
