// Runs inside the executable (packaging/build.mjs puts it there): gives a module of the second bundle,
// which holds everything that src/ reaches by import(). It is read only when the first of them is asked
// for, so a hook of the fast lane pays for neither its size nor its code.
let second;

module.exports = (path) => {
  second ??= load();
  return second[path]();
};

function load() {
  const name = 'asbb-second.cjs';
  if (process.versions.bun !== undefined) {
    return require(['/$bunfs/root', name].join('/')); // not a literal: it is embedded, not bundled
  }
  const sea = process.getBuiltinModule('node:sea');
  if (!sea.isSea()) {
    return require([__dirname, name].join('/'));
  }
  const { Script } = process.getBuiltinModule('node:vm');
  const script = new Script(sea.getAsset(name, 'utf8'), {
    filename: name,
    cachedData: Buffer.from(sea.getRawAsset('asbb-second.cache')),
  });
  const made = { exports: {} };
  script.runInThisContext()(made.exports, require, made);
  return made.exports;
}
