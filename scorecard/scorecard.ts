import { execFile } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import { handlers } from '../server/handlers/index.ts';
import { readContract } from '../server/project-files.ts';
import { checkAppendOnly, tryToChange } from './append-only.ts';
import { readApplied, readFunctions, readRole, readTableKeys, readTextColumns } from './catalogue.ts';
import type { CheckResult, ScorecardRow } from './check-result.ts';
import { checkDocumentation, checkHandlers, checkReferences } from './contract-checks.ts';
import { checkDiscriminators } from './discriminators.ts';
import { checkDocumentedPaths, listPaths, readDocuments } from './documented-paths.ts';
import { checkHubKeys, checkHubStatements, hubTablesOf } from './hub-ids.ts';
import { checkImportCycles } from './import-cycles.ts';
import { checkImports } from './import-rules.ts';
import { attackAsNode, checkNodeLogin } from './node-login.ts';
import { checkRole } from './role.ts';
import { findStatements } from './store-statements.ts';
import { checkMigrations, checkSizes, readTree, type SourceFile } from './tree.ts';

/** Runs all checks. The database must be freshly migrated, and the URL must be that of its owner. */
export async function scorecard(root: string, databaseUrl: string): Promise<ScorecardRow[]> {
  const files = await readTree(root);
  return [...(await repositoryRows(root, files)), ...(await databaseRows(files, databaseUrl))];
}

async function repositoryRows(root: string, files: readonly SourceFile[]): Promise<ScorecardRow[]> {
  const { document } = await readContract();
  const paths = await listPaths(root);
  return [
    row('Every file imports only what its layer may import', checkImports(files)),
    row('There are no import cycles', checkImportCycles(files)),
    row('Every operation has a handler', checkHandlers(document, Object.keys(handlers))),
    row('Every operation has a description, examples and its error responses', checkDocumentation(document)),
    row('References lead to top-level components only', checkReferences(document)),
    row('Generated files are up to date', await checkGenerated(root)),
    row(
      'Every path and link in the documentation exists',
      checkDocumentedPaths(await readDocuments(root, paths), paths),
    ),
    row('The median file has at most 130 lines, and no file except tests has more than 300', checkSizes(files)),
  ];
}

export async function databaseRows(files: readonly SourceFile[], databaseUrl: string): Promise<ScorecardRow[]> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    const tables = await readTableKeys(client);
    const statements = findStatements(files.filter(({ path }) => path.startsWith('server/store/')));
    const functions = await readFunctions(client);
    return [
      row('No bare text discriminators', checkDiscriminators(await readTextColumns(client))),
      row('Append-only tables reject UPDATE, DELETE and TRUNCATE', checkAppendOnly(await tryToChange(client))),
      row('The server’s database role owns nothing and cannot change the schema', checkRole(await readRole(client))),
      row('A session of a node cannot take more privileges', checkNodeLogin(await attackAsNode(databaseUrl))),
      row('Tables of a hub’s data have hub_id first in their keys', checkHubKeys(tables)),
      row('Statements on a hub’s data name hub_id', checkHubStatements(hubTablesOf(tables), statements, functions)),
      row('Migrations are numbered and only go forward', checkMigrations(files, await readApplied(client))),
    ];
  } finally {
    await client.end();
  }
}

function row(claim: string, result: CheckResult): ScorecardRow {
  return { claim, ...result };
}

function checkGenerated(root: string): Promise<CheckResult> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'dist/codegen/cli.js'), '--check'], (error, _, stderr) => {
      const violations = error ? [stderr.trim() || error.message] : [];
      resolve({ evidence: '`npm run codegen` changes nothing', violations });
    });
  });
}
