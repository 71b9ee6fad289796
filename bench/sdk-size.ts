// The size of the TypeScript SDK in a bundle.
// node dist/bench/sdk-size.js
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { SDK_ERRORS } from '../codegen/sdk/problems.ts';
import { renderSdks } from './sdk-package.ts';

/** The exports used by an application that needs the whole runtime but no methods and values of a contract. */
const USED = [
  ...['transport', 'iteratePages', 'sendBatches', 'verifyWebhook', 'isKnownValue'],
  ...['IhfError', 'IhfConnectionError', 'IhfTimeoutError', 'IhfApiError', 'IhfBatchError', 'WebhookVerificationError'],
  ...SDK_ERRORS.map(({ name }) => name),
];

const { folder, script } = await renderSdks();
const runtime = `${script.slice(0, script.indexOf('export class IhfClient {'))}\nexport { transport, iteratePages, sendBatches };`;
const uses = (names: readonly string[]) => `import { ${names} } from 'sdk'; globalThis.uses = [${names}];`;

for (const [what, application, module] of [
  ['runtime, in an application that uses all of it except signWebhook', uses(USED), runtime],
  ['runtime, in an application that uses all of it', uses([...USED, 'signWebhook']), runtime],
  ['runtime, as a module with all its exports', `export * from 'sdk';`, runtime],
  ['background reporter alone, with what it needs', uses(['Reporter']), script],
  [
    'application that calls one operation',
    `import { IhfClient } from 'sdk'; new IhfClient().createInteractionEvent({});`,
    script,
  ],
  ['package as installed, with methods and values', `export * from 'sdk';`, script],
] as const) {
  const bytes = await minified(application, module);
  const kilobytes = (length: number) => `${(length / 1024).toFixed(2)} KB`;
  console.log(`${what}: ${kilobytes(bytes.length)} minified, ${kilobytes(gzipSync(bytes).length)} gzipped`);
}

/** Bundles, which drops unused code, and minifies. */
async function minified(application: string, module: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents: application, resolveDir: folder },
    plugins: [
      {
        name: 'sdk',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^sdk$/ }, () => ({ path: 'sdk', namespace: 'sdk' }));
          onLoad({ filter: /^sdk$/, namespace: 'sdk' }, () => ({ contents: module }));
        },
      },
    ],
    ...{ bundle: true, minify: true, format: 'esm', target: 'es2022', write: false },
  });
  return outputFiles?.[0]?.contents ?? new Uint8Array();
}
