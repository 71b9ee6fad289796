// Only the text between the two region lines becomes part of the rendered client.

//#region rendered
/** An environment variable; undefined if it is empty, or if the platform has none. CI systems set missing ones to ''. */
function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}

/** `IHF_API_KEY`; undefined if `IHF_BASE_URL` names another server, because a key must not reach a server it is not for. */
function environmentKey(baseUrl: string): string | undefined {
  const own = environment('IHF_BASE_URL');
  return own && new URL(own).origin !== new URL(baseUrl).origin ? undefined : environment('IHF_API_KEY');
}

/** Logs attempts and retries with `IHF_LOG=debug`, without headers and bodies. Standard output is the application's. */
function debugLog(text: () => string): void {
  if (environment('IHF_LOG')?.toLowerCase() === 'debug') console.error(`ihf-client: ${text()}`);
}

//#endregion

export { debugLog, environment, environmentKey };
