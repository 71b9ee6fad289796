// Only what stands between the two region lines is put into the rendered client.
import { CONTRACT_REVISION } from './contract.ts';

//#region rendered
/** Called once, when the hub's contract turns out to be newer than this file. */
export type NewerContractHook = (revision: number) => void;

function warnOfNewerContract(revision: number): void {
  console.warn(
    `The hub serves contract revision ${revision}; this ihf-client was made for ${CONTRACT_REVISION}. ` +
      'It goes on working. Download it again to use what is new.',
  );
}

/** Looks at the answers of a client until one names a newer revision. */
function revisionWatch(told: NewerContractHook | false = warnOfNewerContract): (headers: Headers) => void {
  let tell = told;
  return (headers) => {
    const revision = Number(headers.get('IHF-Contract-Revision'));
    if (!tell || !(revision > CONTRACT_REVISION)) return;
    tell(revision);
    tell = false;
  };
}

//#endregion

export { revisionWatch };
