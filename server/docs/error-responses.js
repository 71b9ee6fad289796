// A Swagger UI plugin that shows each error response as one line that can be expanded: they are similar in all operations.

export function errorResponsesPlugin({ React: { createElement: h, Fragment, useState } }) {
  const collapseErrors = (Original) =>
    function Response(props) {
      const [open, setOpen] = useState(false);
      if (Number(props.code) < 400) return h(Original, props);
      const button = h(
        'button',
        { type: 'button', className: 'expand', 'aria-expanded': open, onClick: () => setOpen(!open) },
        props.response.get('description'),
      );
      return h(
        Fragment,
        null,
        h(
          'tr',
          { className: 'response-line' },
          h('td', { className: 'response-col_status' }, props.code),
          h('td', { className: 'response-col_description' }, button),
        ),
        open && h(Original, { ...props, className: `${props.className ?? ''} response-expanded` }),
      );
    };
  return { wrapComponents: { response: collapseErrors } };
}
