// Runs inside the executable (packaging/build.mjs puts it there): gives a module of a bundle that is not
// the first: of the hooks' own, of the second, which holds what else src/ reaches by import(), or of the
// third, which holds the large packages. Each is read when something of it is first asked for, so submit
// pays for none, and a command not for EC2, mail and PDF.
const loaded = {};

module.exports = (file, path) => {
  loaded[file] ??= load(file);
  return loaded[file][path]();
};

function load(file) {
  if (process.versions.bun !== undefined) {
    return require(['/$bunfs/root', file].join('/')); // not a literal: it is embedded, not bundled
  }
  const sea = process.getBuiltinModule('node:sea');
  if (!sea.isSea()) {
    return require([__dirname, file].join('/'));
  }
  const { Script } = process.getBuiltinModule('node:vm');
  const script = new Script(sea.getAsset(file, 'utf8'), {
    filename: file,
    cachedData: Buffer.from(sea.getRawAsset(`${file}.cache`)),
  });
  const made = { exports: {} };
  script.runInThisContext()(made.exports, require, made);
  return made.exports;
}
