// A Swagger UI plugin that lists registry values with their descriptions, wherever a schema uses them.

/** The values of each registry in the contract on the page. */
let values = new Map();
/** The values that the previous contract on the page did not contain, as `registry.name`. */
let added = new Set();

/** Reads the registry values of a contract. */
export function readValues({ components }) {
  const before = values;
  values = new Map();
  added = new Set();
  for (const schema of Object.values(components.schemas)) {
    const registry = schema['x-ihf-registry'];
    if (!schema['x-ihf-values']) continue;
    values.set(registry, schema['x-ihf-values']);
    const known = before.get(registry)?.map((value) => value.name);
    for (const { name } of schema['x-ihf-values'])
      if (known?.includes(name) === false) added.add(`${registry}.${name}`);
  }
}

export function registryValuesPlugin({ React: { createElement: h, Fragment } }) {
  const isWideScreen = matchMedia('(min-width: 60rem)').matches;

  /** The values of a registry: those that a request can contain, or with `stored` those that a response can contain. */
  function Values({ registry, stored, label = titleOf(registry), open }) {
    const rows = values.get(registry).filter((value) => stored || value.status !== 'retired');
    return h(
      'details',
      { className: 'values', 'data-registry': registry, open },
      h('summary', null, label, h('small', null, ` ${rows.length} ${rows.length === 1 ? 'value' : 'values'}`)),
      h(
        'div',
        // A scrollable region must be reachable by keyboard.
        { className: 'values-table', tabIndex: 0, role: 'region', 'aria-label': label },
        h('table', null, h('tbody', null, ...rows.map((value) => h(Value, { registry, value, key: value.name })))),
      ),
    );
  }

  function Value({ registry, value: { name, label, description, status, replaced_by, sunset_at } }) {
    const marks = [
      added.has(`${registry}.${name}`) && h('mark', { className: 'new', key: 'new' }, 'new'),
      status !== 'active' && h('mark', { className: status, key: status }, status),
    ];
    const remarks = [
      replaced_by && `Use ${replaced_by} instead.`,
      sunset_at && `Retires on ${sunset_at.slice(0, 10)}.`,
    ];
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
            { className: 'values-overview', 'aria-labelledby': 'values-title' },
            h('h2', { id: 'values-title' }, 'Registry values'),
            ...[...values.keys()].map((registry) => h(Values, { registry, key: registry, open: isWideScreen })),
          ),
        ),

      // In a schema, instead of the bare list.
      JSONSchema202012KeywordEnum: (Original) => (props) => {
        const registry = props.schema?.['x-ihf-registry'];
        if (!values.has(registry)) return h(Original, props);
        const stored = props.schema['x-ihf-open'];
        const label = stored ? 'Values in responses' : 'Values accepted in requests';
        return h(Values, { registry, stored, label, open: true });
      },

      // Below a parameter, whose input becomes a select box.
      JsonSchemaForm: (Original) => (props) => {
        const registry = props.schema?.get?.('x-ihf-registry');
        if (!values.has(registry)) return h(Original, props);
        const choice = props.schema.get('enum') ?? props.schema.get('x-extensible-enum');
        return h(
          Fragment,
          null,
          h(Original, { ...props, schema: props.schema.set('enum', choice) }),
          h(Values, { registry, stored: props.schema.get('x-ihf-open') }),
        );
      },

      // Below a request body, for each of its properties that holds a registry value.
      RequestBody: (Original) => (props) => {
        const schemas = props.requestBody?.toJS().content ?? {};
        const found = new Map(Object.values(schemas).flatMap(({ schema }) => [...registryProperties(schema)]));
        return h(
          Fragment,
          null,
          h(Original, props),
          ...[...found].map(([label, { registry, stored }]) => h(Values, { registry, stored, label, key: label })),
        );
      },

      TextArea: (Original) => (props) => h(Original, { 'aria-label': 'Request body', ...props }),
    },
  };
}

function* registryProperties(schema, name = '') {
  const registry = schema?.['x-ihf-registry'];
  if (values.has(registry)) yield [name, { registry, stored: schema['x-ihf-open'] }];
  for (const [key, property] of Object.entries(schema?.properties ?? {})) yield* registryProperties(property, key);
  if (schema?.items) yield* registryProperties(schema.items, name);
}

/** `event_types` as `Event types`. */
function titleOf(registry) {
  const text = registry.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
