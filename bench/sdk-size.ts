// How large the TypeScript SDK is: node dist/bench/sdk-size.js
import { gzipSync } from 'node:zlib';
import { transform } from 'esbuild';
import { pagesOfPackage } from './sdk-package.ts';

const { script } = await pagesOfPackage();
const runtime = script.slice(0, script.indexOf('export class IhfClient {'));
for (const [what, text] of [
  ['runtime with the error classes (all but methods and words)', runtime],
  ['package as installed', script],
] as const) {
  const { code } = await transform(text, { minify: true, format: 'esm', target: 'es2022' });
  const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(2)} KB`;
  console.log(`${what}: ${kilobytes(code.length)} minified, ${kilobytes(gzipSync(code).length)} gzipped`);
}
