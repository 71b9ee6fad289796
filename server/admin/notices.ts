/** What a page says after a change, by the name that stands in its address. */
export const NOTICES: Readonly<Record<string, string>> = {
  'hub-created': 'The hub was created. A manifest says what it may do.',
  'consumer-created': 'The consumer was created. Make it a key so that it can call.',
  'limits-set': 'The limits were set. They are in force on every node.',
  'consumer-disabled': 'The consumer was disabled. Its keys and tokens are refused.',
  'consumer-enabled': 'The consumer was enabled. Its keys and tokens are accepted again.',
  'manifest-assigned': 'The consumer works under another manifest now.',
  'key-revoked': 'The key was revoked. No node accepts it.',
  'manifest-created': 'The manifest was drafted. Activate it to let its scopes be granted.',
  'manifest-active': 'The manifest is active.',
  'manifest-suspended': 'The manifest is suspended. Nothing is written under it any more.',
  'manifest-retired': 'The manifest is retired for good.',
  'value-added': 'The value was added. The contract, the SDKs and every node speak it.',
  'value-changed': 'The value was changed, and the contract with it.',
};
