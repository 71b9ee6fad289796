import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { liveDocument } from '../codegen/live.ts';
import { renderPackage, renderSdk } from '../codegen/sdk/render.ts';
import { readContract, readTemplates } from '../server/project-files.ts';

const VALUES = ['clicked', 'viewed', 'submitted'].map((name) => {
  return { name, label: name, description: '', status: 'active' as const, replaced_by: null, sunset_at: null };
});

/** Renders the SDKs of a contract with a few values into a folder that both languages can import from. */
export async function renderSdks() {
  const { document } = await readContract();
  const templates = await readTemplates();
  const values = { event_types: VALUES, widget_types: VALUES, annotation_categories: VALUES };
  const live = liveDocument(document, values, 1);
  const script = fileOf(gunzipSync(renderPackage(live, 'ihf-client.tgz', templates)), 'package/index.js');
  const folder = mkdtempSync(join(tmpdir(), 'ihf-sdk-bench-'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'index.js'), script);
  writeFileSync(join(folder, 'ihf_client.py'), renderSdk(live, 'ihf-client.py', templates));
  return { folder, script };
}

/** Reads a file of a tar archive. */
function fileOf(tar: Buffer, name: string): string {
  for (let at = 0; at < tar.length; ) {
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8);
    if (tar.toString('latin1', at, at + name.length + 1) === `${name}\0`)
      return tar.toString('utf8', at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error(`${name} is not in the archive`);
}
