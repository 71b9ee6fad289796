// A Swagger UI plugin that folds the error answers, which are much alike in every operation, to a line each.

export function answersPlugin({ React: { createElement: h, Fragment, useState } }) {
  const foldErrors = (Original) =>
    function Answer(props) {
      const [open, setOpen] = useState(false);
      if (Number(props.code) < 400) return h(Original, props);
      const button = h(
        'button',
        { type: 'button', className: 'fold', 'aria-expanded': open, onClick: () => setOpen(!open) },
        props.response.get('description'),
      );
      return h(
        Fragment,
        null,
        h(
          'tr',
          { className: 'answer-line' },
          h('td', { className: 'response-col_status' }, props.code),
          h('td', { className: 'response-col_description' }, button),
        ),
        open && h(Original, { ...props, className: `${props.className ?? ''} answer-unfolded` }),
      );
    };
  return { wrapComponents: { response: foldErrors } };
}
