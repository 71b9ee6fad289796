import { type Template, textTemplate } from '../../templates.ts';
import type { SdkModel } from '../model.ts';
import { viewOf } from '../typescript.ts';
import { commonJs, exportsOf } from './common-js.ts';
import { sampleValues } from './sample-values.ts';
import { readTarGz, tarGz } from './tar.ts';

const FOLDER = 'typescript/package';
const JS = '../generated/sdk/runtime.js';
const TYPES = '../generated/sdk/runtime.d.ts';
const CLI = `${FOLDER}/ihf-sdk.js`;

/** The sources of the npm package, relative to sdk-templates/. */
export const NPM_SOURCES = [
  `${FOLDER}/index.js.hbs`,
  `${FOLDER}/index.d.ts.hbs`,
  `${FOLDER}/README.md.hbs`,
  JS,
  TYPES,
  CLI,
];

/** The name of the package in the npm registry of the server. A scope has a registry of its own in `.npmrc`. */
export const NPM_NAME = '@ihf/client';

/** Compiles the templates once; the returned function builds the npm package under the given name. */
export function compileNpm(source: (path: string) => string): (model: SdkModel, name: string) => Buffer {
  const [script, types, readme] = ['index.js', 'index.d.ts', 'README.md'].map((name) => {
    return textTemplate(source(`${FOLDER}/${name}.hbs`));
  }) as [Template, Template, Template];
  const tool = source(CLI);
  const runtime = {
    runtimeJs: withoutGeneratedHeader(source(JS)),
    runtimeTypes: withoutGeneratedHeader(source(TYPES)),
  };
  return (model, name) => {
    const view = { ...viewOf(model), ...runtime };
    const module = script(view);
    const files = {
      'index.js': module,
      'index.cjs': commonJs(module),
      // On Node, both kinds of modules share one copy, so that `instanceof` works and a warning comes once.
      'node.js': `export { ${exportsOf(module).join(', ')} } from './index.cjs';\n`,
      'index.d.cts': types(view),
      'index.d.ts': "export * from './index.cjs';\n",
      'README.md': readme({ ...view, ...sampleValues(model), name }),
      'package.json': manifestOf(model, name),
      'bin/ihf-sdk.js': tool,
    };
    return tarGz(Object.entries(files).map(([name, text]) => ({ name: `package/${name}`, text })));
  };
}

/** Removes the header of the generated file, and `export {}`, because the text becomes part of another module. */
function withoutGeneratedHeader(text: string): string {
  return text.slice(text.indexOf('\n') + 1).replace(/^export \{\};\n/m, '');
}

function manifestOf({ title, version, revision, digest }: SdkModel, name: string): string {
  const manifest = {
    name,
    version,
    description: `Client for ${title}, contract revision ${revision}.`,
    license: 'MIT',
    type: 'module',
    exports: {
      '.': {
        import: { types: './index.d.ts', node: './node.js', default: './index.js' },
        require: { types: './index.d.cts', default: './index.cjs' },
      },
      './package.json': './package.json',
    },
    // For tools that do not read `exports`.
    ...{ main: './index.cjs', module: './index.js', types: './index.d.cts' },
    bin: { 'ihf-sdk': 'bin/ihf-sdk.js' },
    sideEffects: false,
    engines: { node: '>=20' },
    ihf: { contractRevision: revision, contractDigest: digest },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** The fields of package.json that npm reads from the registry before it downloads a package. */
const REGISTRY_FIELDS = ['description', 'license', 'engines', 'bin', 'dependencies', 'peerDependencies', 'ihf'];

/** Reads from an npm package what the registry says about it. */
export function readNpmManifest(tarball: Buffer): Record<string, unknown> {
  const manifest = JSON.parse(readTarGz(tarball, 'package/package.json')) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(manifest).filter(([field]) => REGISTRY_FIELDS.includes(field)));
}
