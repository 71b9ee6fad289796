import { createHash } from 'node:crypto';
import { textTemplate } from '../../templates.ts';
import type { SdkModel } from '../model.ts';
import type { PackedFile } from './bytes.ts';
import { sampleValues } from './sample-values.ts';
import { readZip, zip } from './zip.ts';

/** The file name of the wheel (PEP 427). */
export function wheelName({ version }: Pick<SdkModel, 'version'>): string {
  return `ihf_client-${version}-py3-none-any.whl`;
}

/** The metadata of a wheel, which an index can serve beside it (PEP 658). */
export function readWheelMetadata(wheel: Buffer): Buffer {
  return readZip(wheel, '.dist-info/METADATA');
}

const FOLDER = 'python/package';

/** The sources of the wheel beside the client, relative to sdk-templates/. */
export const WHEEL_SOURCES = [`${FOLDER}/README.md.hbs`, `${FOLDER}/__main__.py`];

/** Compiles the templates once; the returned function builds the wheel of the Python client. */
export function compileWheel(source: (path: string) => string): (model: SdkModel, client: string) => Buffer {
  const readme = textTemplate(source(`${FOLDER}/README.md.hbs`));
  const tool = source(`${FOLDER}/__main__.py`);
  return (model, client) => {
    const info = `ihf_client-${model.version}.dist-info`;
    const text = readme({ ...model, ...sampleValues(model) });
    const files: PackedFile[] = [
      { name: 'ihf_client/__init__.py', text: client },
      { name: 'ihf_client/__main__.py', text: tool },
      { name: 'ihf_client/README.md', text },
      // Marks the package as typed (PEP 561).
      { name: 'ihf_client/py.typed', text: '' },
      { name: `${info}/METADATA`, text: metadataOf(model, text) },
      {
        name: `${info}/WHEEL`,
        text: 'Wheel-Version: 1.0\nGenerator: ihf-hub\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
      },
    ];
    return zip([...files, { name: `${info}/RECORD`, text: recordOf(files, `${info}/RECORD`) }]);
  };
}

function metadataOf({ title, version, revision }: SdkModel, readme: string): string {
  return [
    'Metadata-Version: 2.1',
    'Name: ihf-client',
    `Version: ${version}`,
    `Summary: Client for ${title.replace(/\s+/g, ' ')}, contract revision ${revision}.`,
    'License: MIT',
    'Requires-Python: >=3.10',
    'Provides-Extra: async',
    'Requires-Dist: httpx>=0.26; extra == "async"',
    'Provides-Extra: ed25519',
    'Requires-Dist: cryptography>=42; extra == "ed25519"',
    'Description-Content-Type: text/markdown',
    '',
    readme,
  ].join('\n');
}

function recordOf(files: readonly PackedFile[], self: string): string {
  const lines = files.map(({ name, text }) => {
    const digest = createHash('sha256').update(text).digest('base64url');
    return `${name},sha256=${digest},${Buffer.byteLength(text)}`;
  });
  return `${[...lines, `${self},,`].join('\n')}\n`;
}
