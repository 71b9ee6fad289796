// A Swagger UI plugin that shows the words of the registries with what they mean, wherever a schema takes them.

/** The rows of each registry, in the contract that is shown. */
let words = new Map();
/** The words that were not in the contract which was shown before, as `registry.name`. */
let added = new Set();

/** Takes the words from a contract. */
export function readWords({ components }) {
  const before = words;
  words = new Map();
  added = new Set();
  for (const schema of Object.values(components.schemas)) {
    const registry = schema['x-ihf-registry'];
    if (!schema['x-ihf-values']) continue;
    words.set(registry, schema['x-ihf-values']);
    const known = before.get(registry)?.map((word) => word.name);
    for (const { name } of schema['x-ihf-values'])
      if (known?.includes(name) === false) added.add(`${registry}.${name}`);
  }
}

export function wordsPlugin({ React: { createElement: h, Fragment } }) {
  const roomy = matchMedia('(min-width: 60rem)').matches;

  /** A registry's words: those that a request may say, or with `stored` every one that an answer may hold. */
  function Words({ registry, stored, label = titleOf(registry), open }) {
    const rows = words.get(registry).filter((word) => stored || word.status !== 'retired');
    return h(
      'details',
      { className: 'words', 'data-registry': registry, open },
      h('summary', null, label, h('small', null, ` ${rows.length} ${rows.length === 1 ? 'word' : 'words'}`)),
      h(
        'div',
        // It scrolls, so it can be reached by keyboard.
        { className: 'words-table', tabIndex: 0, role: 'region', 'aria-label': label },
        h('table', null, h('tbody', null, ...rows.map((word) => h(Word, { registry, word, key: word.name })))),
      ),
    );
  }

  function Word({ registry, word: { name, label, description, status, replaced_by, sunset_at } }) {
    const marks = [
      added.has(`${registry}.${name}`) && h('mark', { className: 'new', key: 'new' }, 'new'),
      status !== 'active' && h('mark', { className: status, key: status }, status),
    ];
    const remarks = [replaced_by && `Use ${replaced_by} instead.`, sunset_at && `Goes on ${sunset_at.slice(0, 10)}.`];
    return h(
      'tr',
      null,
      h('th', { scope: 'row' }, h('code', null, name), ...marks),
      h('td', null, description || label, ...remarks.filter(Boolean).map((text) => h('em', { key: text }, ` ${text}`))),
    );
  }

  return {
    wrapComponents: {
      // The overview, between the introduction and the operations.
      InfoContainer: (Original) => (props) =>
        h(
          Fragment,
          null,
          h(Original, props),
          h(
            'section',
            { className: 'words-overview', 'aria-labelledby': 'words-title' },
            h('h2', { id: 'words-title' }, 'The words as they are now'),
            ...[...words.keys()].map((registry) => h(Words, { registry, key: registry, open: roomy })),
          ),
        ),

      // In a schema, instead of the bare list.
      JSONSchema202012KeywordEnum: (Original) => (props) => {
        const registry = props.schema?.['x-ihf-registry'];
        if (!words.has(registry)) return h(Original, props);
        const stored = props.schema['x-ihf-open'];
        const label = stored ? 'Words that an answer may hold' : 'Words that a request may say';
        return h(Words, { registry, stored, label, open: true });
      },

      // Under a parameter, whose input becomes a choice.
      JsonSchemaForm: (Original) => (props) => {
        const registry = props.schema?.get?.('x-ihf-registry');
        if (!words.has(registry)) return h(Original, props);
        const choice = props.schema.get('enum') ?? props.schema.get('x-extensible-enum');
        return h(
          Fragment,
          null,
          h(Original, { ...props, schema: props.schema.set('enum', choice) }),
          h(Words, { registry, stored: props.schema.get('x-ihf-open') }),
        );
      },

      // Under a request body, for each of its properties that takes them.
      RequestBody: (Original) => (props) => {
        const schemas = props.requestBody?.toJS().content ?? {};
        const found = new Map(Object.values(schemas).flatMap(({ schema }) => [...propertiesWithWords(schema)]));
        return h(
          Fragment,
          null,
          h(Original, props),
          ...[...found].map(([label, { registry, stored }]) => h(Words, { registry, stored, label, key: label })),
        );
      },

      TextArea: (Original) => (props) => h(Original, { 'aria-label': 'Request body', ...props }),
    },
  };
}

function* propertiesWithWords(schema, name = '') {
  const registry = schema?.['x-ihf-registry'];
  if (words.has(registry)) yield [name, { registry, stored: schema['x-ihf-open'] }];
  for (const [key, property] of Object.entries(schema?.properties ?? {})) yield* propertiesWithWords(property, key);
  if (schema?.items) yield* propertiesWithWords(schema.items, name);
}

/** `event_types` as `Event types`. */
function titleOf(registry) {
  const text = registry.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
