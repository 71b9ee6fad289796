import { liveDocument, toJson, toYaml } from '../../codegen/live.ts';
import { authored, registryValue } from './contract.ts';
import { HOSTILE } from './hostile-texts.ts';
import { ALLOWED, REJECTED } from './unsafe-characters.ts';

/** Texts with every character that breaks some reader of YAML 1.1. Postgres cannot store half of a surrogate pair. */
const TEXTS = [...HOSTILE, ...ALLOWED, ...REJECTED.map((character) => `a${character}b`), ...REJECTED].filter(
  (text) => !/\p{Cs}/u.test(text),
);

/** The published document with hostile texts, which a database can contain if they were stored before it rejected them. */
export function hostileDocument(): { json: string; yaml: string } {
  const values = TEXTS.map((text, index) => registryValue(`value_${index}`, { label: text, description: text }));
  const document = liveDocument(authored, { event_types: values, widget_types: values }, 7);
  return { json: toJson(document), yaml: toYaml(document) };
}
