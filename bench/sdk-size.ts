// How large the TypeScript SDK is: node dist/bench/sdk-size.js
import { gzipSync } from 'node:zlib';
import { transform } from 'esbuild';
import { pagesOfPackage } from './sdk-package.ts';

const { runtime, script } = await pagesOfPackage();
for (const [what, text] of [
  ['runtime (all but methods, error classes and words)', runtime],
  ['package as installed', script],
] as const) {
  const { code } = await transform(text, { minify: true, format: 'esm', target: 'es2022' });
  const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(2)} KB`;
  console.log(`${what}: ${kilobytes(code.length)} minified, ${kilobytes(gzipSync(code).length)} gzipped`);
}
