"use strict";
/*
 * The module loader of jest, which loads a package once in each worker instead of once for each test file: CDK for Terraform and zod alone
 * took a third of the time of all tests. Files of the repository are still loaded for each test file.
 */
const { AsyncLocalStorage } = require("node:async_hooks");
const { readFileSync } = require("node:fs");
const { createRequire, isBuiltin } = require("node:module");
const { dirname, sep } = require("node:path");
const { compileFunction, constants, runInContext } = require("node:vm");
const { default: Runtime } = require("jest-runtime");

const PACKAGES = `${sep}node_modules${sep}`;
const PARAMETERS = ["exports", "require", "module", "__filename", "__dirname"];
/** Path → module, of every file of a package that was loaded in this worker. */
const loaded = new Map();

/** Loads a file of a package in the context that all test files of this worker share. */
function load(file, context) {
  const known = loaded.get(file);
  if (known !== undefined) return known.exports;
  const native = createRequire(file);
  if (file.endsWith(".node")) return native(file);
  const text = readFileSync(file, "utf8");
  if (file.endsWith(".json")) return runInContext(`(${text})`, context);
  const module = { exports: runInContext("({})", context), id: file, filename: file, loaded: false, children: [], paths: [] };
  loaded.set(file, module);
  module.require = Object.assign((name) => (isBuiltin(name) ? native(name) : load(native.resolve(name), context)), { resolve: native.resolve, cache: {} });
  try {
    const body = compileFunction(text, PARAMETERS, {
      filename: file,
      parsingContext: context,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    body.call(module.exports, module.exports, module.require, module, file, dirname(file));
  } catch (error) {
    loaded.delete(file);
    throw error;
  }
  module.loaded = true;
  return module.exports;
}

/** `node:async_hooks` for jest-circus: it creates a storage for each test file, and each one that is left slows every promise after it. */
const storages = new Set();
const asyncHooks = {
  ...require("node:async_hooks"),
  AsyncLocalStorage: class extends AsyncLocalStorage {
    constructor() {
      super();
      storages.add(this);
    }
  },
};

/** Path → the function that was compiled of a file of the repository, and its source. */
const compiled = new Map();

class SharedRuntime extends Runtime {
  constructor(...args) {
    super(...args);
    // the function is called for each test file, with a module of its own: only reading the same source again is saved
    const { executor } = this;
    const compile = executor.compile.bind(executor);
    executor.compile = (source, filename) => {
      const known = compiled.get(filename);
      if (known?.source === source) return known.body;
      const body = compile(source, filename);
      if (body !== null) compiled.set(filename, { source, body });
      return body;
    };
  }

  requireModuleOrMock(from, name) {
    const file = packageFile(from, name);
    return file === undefined ? super.requireModuleOrMock(from, name) : load(file, this._environment.getVmContext());
  }

  /** What jest itself uses in the context: all but the file that holds the tests of one file. */
  requireInternalModule(from, name) {
    if (name === "node:async_hooks" || name === "async_hooks") return asyncHooks;
    if (name === undefined || isBuiltin(name)) return super.requireInternalModule(from, name);
    return load(createRequire(from).resolve(name), this._environment.getVmContext());
  }

  setMock(from, name, factory, options) {
    if (packageFile(from, name) !== undefined) throw new Error(`the package ${name} is shared by test files and cannot be mocked`);
    super.setMock(from, name, factory, options);
  }

  teardown() {
    for (const storage of storages) storage.disable();
    storages.clear();
    super.teardown();
  }
}

/** The file of a package that `name` means in `from`; nothing for a file of the repository, of Node.js or of jest. */
function packageFile(from, name) {
  if (name === undefined || /^[./]|^@?jest|^expect$|^secure-bookstack-constructs\//.test(name) || isBuiltin(name)) return undefined;
  const file = createRequire(from).resolve(name);
  return file.includes(PACKAGES) ? file : undefined;
}

module.exports = SharedRuntime;
