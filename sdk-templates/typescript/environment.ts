// Only the text between the two region lines becomes part of the rendered client.

//#region rendered
/** An environment variable; undefined if it is empty, or if the platform has none. CI systems set missing ones to ''. */
function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}

/** Logs attempts and retries with `IHF_LOG=debug`, without headers and bodies. Standard output is the application's. */
function debugLog(text: () => string): void {
  if (environment('IHF_LOG')?.toLowerCase() === 'debug') console.error(`ihf-client: ${text()}`);
}

//#endregion

export { debugLog, environment };
