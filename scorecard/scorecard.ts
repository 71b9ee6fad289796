import { execFile } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import { handlers } from '../server/handlers/index.ts';
import { readContract } from '../server/project-files.ts';
import { checkAppendOnly, tryToChange } from './append-only.ts';
import { readApplied, readRole, readTextColumns } from './catalogue.ts';
import type { CheckResult, ScorecardRow } from './check-result.ts';
import { checkDocumentation, checkHandlers, checkReferences } from './contract-checks.ts';
import { checkDiscriminators } from './discriminators.ts';
import { checkImports } from './import-rules.ts';
import { checkRole } from './role.ts';
import { checkMigrations, checkSizes, readTree, type SourceFile } from './tree.ts';

/** What holds of the tree and of a migrated database, seen by its owner. */
export async function scorecard(root: string, databaseUrl: string): Promise<ScorecardRow[]> {
  const files = await readTree(root);
  return [...(await treeCards(root, files)), ...(await databaseCards(files, databaseUrl))];
}

async function treeCards(root: string, files: readonly SourceFile[]): Promise<ScorecardRow[]> {
  const { document } = await readContract();
  return [
    card('Imports go only where the layers say', checkImports(files)),
    card('Every operation has a handler', checkHandlers(document, Object.keys(handlers))),
    card('Every operation is described, with examples and its error answers', checkDocumentation(document)),
    card('References go to top-level components only', checkReferences(document)),
    card('What is generated is current', await findStale(root)),
    card('The median file has at most 130 lines, and no file of the product over 300', checkSizes(files)),
  ];
}

export async function databaseCards(files: readonly SourceFile[], databaseUrl: string): Promise<ScorecardRow[]> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    return [
      card('No bare text discriminator', checkDiscriminators(await readTextColumns(client))),
      card('Append-only tables refuse update, delete and truncate', checkAppendOnly(await tryToChange(client))),
      card('The hub’s database role owns nothing and cannot change the schema', checkRole(await readRole(client))),
      card('Migrations are numbered and go forward only', checkMigrations(files, await readApplied(client))),
    ];
  } finally {
    await client.end();
  }
}

function card(claim: string, finding: CheckResult): ScorecardRow {
  return { claim, ...finding };
}

function findStale(root: string): Promise<CheckResult> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'dist/codegen/cli.js'), '--check'], (error, _, stderr) => {
      const faults = error ? [stderr.trim() || error.message] : [];
      resolve({ evidence: '`npm run codegen` would change nothing', violations: faults });
    });
  });
}
