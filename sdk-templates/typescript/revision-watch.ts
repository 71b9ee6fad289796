// Only the text between the two region lines becomes part of the rendered client.
import { CONTRACT_REVISION } from './contract.ts';

//#region rendered
/** Called once when the contract of the server is newer than this client. */
export type NewerContractHook = (revision: number) => void;

/** The newest revision that this process has warned of. */
let warnedOfRevision = 0;

function warnOfNewerContract(revision: number): void {
  if (revision <= warnedOfRevision) return;
  warnedOfRevision = revision;
  console.warn(
    `The server has contract revision ${revision}; this ihf-client was generated for ${CONTRACT_REVISION}. ` +
      'Existing calls keep working; regenerate the client to use new values.',
  );
}

/** Checks the responses of a client until one has a newer revision. */
function revisionWatch(onNewer: NewerContractHook | false = warnOfNewerContract): (headers: Headers) => void {
  let hook = onNewer;
  return (headers) => {
    const revision = Number(headers.get('IHF-Contract-Revision'));
    if (!hook || !(revision > CONTRACT_REVISION)) return;
    const notify = hook;
    hook = false;
    notify(revision);
  };
}

//#endregion

export { revisionWatch };
