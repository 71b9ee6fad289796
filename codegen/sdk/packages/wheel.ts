import { createHash } from 'node:crypto';
import type { SdkModel } from '../model.ts';
import type { PackedFile } from './bytes.ts';
import { zip } from './zip.ts';

/** The name of the wheel's file (PEP 427), which installers read. */
export function wheelName({ version }: Pick<SdkModel, 'version'>): string {
  return `ihf_client-${version}-py3-none-any.whl`;
}

/** The wheel of the Python client. */
export function wheel(model: SdkModel, client: string): Buffer {
  const info = `ihf_client-${model.version}.dist-info`;
  const files: PackedFile[] = [
    { name: 'ihf_client/__init__.py', text: client },
    // The types of the package are its own (PEP 561).
    { name: 'ihf_client/py.typed', text: '' },
    { name: `${info}/METADATA`, text: metadataOf(model) },
    {
      name: `${info}/WHEEL`,
      text: 'Wheel-Version: 1.0\nGenerator: ihf-hub\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    },
  ];
  return zip([...files, { name: `${info}/RECORD`, text: recordOf(files, `${info}/RECORD`) }]);
}

function metadataOf({ title, version, revision, digest }: SdkModel): string {
  return [
    'Metadata-Version: 2.1',
    'Name: ihf-client',
    `Version: ${version}`,
    `Summary: The client of ${title.replace(/\s+/g, ' ')}, contract revision ${revision}.`,
    'License: MIT',
    'Requires-Python: >=3.10',
    'Provides-Extra: async',
    'Requires-Dist: httpx>=0.25; extra == "async"',
    'Provides-Extra: ed25519',
    'Requires-Dist: cryptography>=42; extra == "ed25519"',
    '',
    `Made by the hub for revision ${revision} of its contract, ${digest}.`,
    '`IhfClient` needs nothing but the standard library, `AsyncIhfClient` needs `ihf-client[async]`, and to verify a',
    'webhook by a public key takes `ihf-client[ed25519]`.',
    '',
  ].join('\n');
}

function recordOf(files: readonly PackedFile[], self: string): string {
  const lines = files.map(({ name, text }) => {
    const digest = createHash('sha256').update(text).digest('base64url');
    return `${name},sha256=${digest},${Buffer.byteLength(text)}`;
  });
  return `${[...lines, `${self},,`].join('\n')}\n`;
}
