import { createHash } from 'node:crypto';
import type { SdkModel } from '../model.ts';
import type { PackedFile } from './bytes.ts';
import { zip } from './zip.ts';

/** The file name of the wheel (PEP 427). */
export function wheelName({ version }: Pick<SdkModel, 'version'>): string {
  return `ihf_client-${version}-py3-none-any.whl`;
}

/** Builds the wheel of the Python client. */
export function wheel(model: SdkModel, client: string): Buffer {
  const info = `ihf_client-${model.version}.dist-info`;
  const files: PackedFile[] = [
    { name: 'ihf_client/__init__.py', text: client },
    // Marks the package as typed (PEP 561).
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
    `Summary: Client for ${title.replace(/\s+/g, ' ')}, contract revision ${revision}.`,
    'License: MIT',
    'Requires-Python: >=3.10',
    'Provides-Extra: async',
    'Requires-Dist: httpx>=0.26; extra == "async"',
    'Provides-Extra: ed25519',
    'Requires-Dist: cryptography>=42; extra == "ed25519"',
    '',
    `Generated from contract revision ${revision}, ${digest}.`,
    '`IhfClient` needs only the standard library. `AsyncIhfClient` needs `ihf-client[async]`. Verifying a webhook with a',
    'public key needs `ihf-client[ed25519]`.',
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
