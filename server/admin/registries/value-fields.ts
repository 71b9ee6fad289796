import { REGISTRY_VALUE_NAME, REGISTRY_VALUE_NAME_RULE } from '../../patterns.ts';
import type { NewValue, RegistryValue, ValueChange } from '../../store/registries/registry-values.ts';
import { choiceField, dateField, invalidField, requiredField, textField } from '../forms/fields.ts';

const MAX_NAME_LENGTH = 63;
const MAX_LABEL_LENGTH = 100;
const MAX_DESCRIPTION_LENGTH = 2000;

/** The fields of a form by name, so that the preview can submit them again. */
export type Fields = Record<string, string>;

export function readNewValue(values: URLSearchParams): Required<NewValue> & { description: string } {
  const name = requiredField(values, 'name', 'Name', MAX_NAME_LENGTH);
  if (!REGISTRY_VALUE_NAME.test(name)) {
    throw invalidField(`Name '${name}' is invalid. ${REGISTRY_VALUE_NAME_RULE}`, 'name');
  }
  return { name, ...readTexts(values) };
}

function readTexts(values: URLSearchParams) {
  const label = requiredField(values, 'label', 'Label', MAX_LABEL_LENGTH);
  return { label, description: textField(values, 'description').slice(0, MAX_DESCRIPTION_LENGTH) };
}

export interface RequestedChange {
  change: ValueChange;
  /** The name of the change: the title of its preview and the label of its button. */
  title: string;
  fields: Fields;
}

export function readValueChange(values: URLSearchParams, { name }: RegistryValue): RequestedChange {
  const to = choiceField(values, 'to', ['described', 'deprecated', 'retired']);
  if (to === 'described') {
    const texts = readTexts(values);
    return { change: texts, title: `Change the description of '${name}'`, fields: { to, ...texts } };
  }
  const [replacement, sunset] = [textField(values, 'replaced_by'), textField(values, 'sunset')];
  const change = {
    status: to,
    replaced_by: replacement || null,
    ...(to === 'deprecated' && { sunset_at: dateField(values, 'sunset', 'Retirement date') }),
  } satisfies ValueChange;
  const title = `${to === 'deprecated' ? 'Deprecate' : 'Retire'} '${name}'`;
  return { change, title, fields: { to, replaced_by: replacement, sunset } };
}
