/** The pages of a package index (PEP 503). Names, versions and digests come from this server and need no escaping. */

export function projectsPage(): string {
  return page('Packages', ['<a href="ihf-client/">ihf-client</a>']);
}

export function projectPage(wheels: readonly { name: string; digest: string }[]): string {
  const links = wheels.map(({ name, digest }) => {
    const url = `../../${name}#${digest.replace(':', '=')}`;
    return `<a href="${url}" data-requires-python="&gt;=3.10">${name}</a>`;
  });
  return page('ihf-client', links);
}

function page(title: string, links: readonly string[]): string {
  const head = '<meta charset="utf-8"><meta name="pypi:repository-version" content="1.0">';
  return `<!DOCTYPE html>\n<html>\n<head>${head}<title>${title}</title></head>\n<body>\n${links.join('<br>\n')}\n</body>\n</html>\n`;
}
