// How large the TypeScript SDK is: node dist/bench/sdk-size.js
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { SDK_ERRORS } from '../codegen/sdk/problems.ts';
import { pagesOfPackage } from './sdk-package.ts';

/** What an application takes that uses all that the SDK does, in place of the methods and words of a contract. */
const USED = [
  ...['transport', 'iteratePages', 'sendBatches', 'verifyWebhook', 'isKnownValue'],
  ...['IhfError', 'IhfConnectionError', 'IhfTimeoutError', 'IhfApiError', 'IhfBatchError', 'WebhookVerificationError'],
  ...SDK_ERRORS.map(({ name }) => name),
];

const { folder, script } = await pagesOfPackage();
const runtime = `${script.slice(0, script.indexOf('export class IhfClient {'))}\nexport { transport, iteratePages, sendBatches };`;
const uses = (names: readonly string[]) => `import { ${names} } from 'sdk'; globalThis.uses = [${names}];`;

for (const [what, application, module] of [
  ['runtime, in an application that uses all of it but signWebhook', uses(USED), runtime],
  ['runtime, in an application that uses all of it', uses([...USED, 'signWebhook']), runtime],
  ['runtime, as a module with all its exports', `export * from 'sdk';`, runtime],
  ['package as installed, methods and words included', `export * from 'sdk';`, script],
] as const) {
  const bytes = await minified(application, module);
  const kilobytes = (length: number) => `${(length / 1024).toFixed(2)} KB`;
  console.log(`${what}: ${kilobytes(bytes.length)} minified, ${kilobytes(gzipSync(bytes).length)} gzipped`);
}

/** As a bundler leaves it, which drops what nobody uses. */
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
