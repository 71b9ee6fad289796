import { NOTICES } from './flash-messages.ts';

export interface FrameParts {
  title: string;
  path: string;
  /** Who is signed in. */
  operator: string | undefined;
  /** What the forms of the page send back. */
  token: string | undefined;
  revision: number;
  /** What the page before has done, by the name of its notice. */
  done: string | null;
}

const SECTIONS = [
  { href: '/admin', label: 'Overview' },
  { href: '/admin/requests', label: 'Requests' },
  { href: '/admin/consumers', label: 'Consumers', also: '/admin/keys' },
  { href: '/admin/manifests', label: 'Manifests' },
  { href: '/admin/hubs', label: 'Hubs' },
  { href: '/admin/registries', label: 'Registries' },
  { href: '/admin/contract', label: 'Contract' },
  { href: '/admin/webhooks', label: 'Webhooks' },
  { href: '/admin/audit', label: 'Audit' },
];

/** What surrounds every page. */
export function layoutView({ title, path, operator, token, revision, done }: FrameParts) {
  const nav = SECTIONS.map(({ href, label, also }) => ({
    href,
    label,
    isCurrent: [href, also].some(
      (root) => root !== undefined && (path === root || (root !== '/admin' && path.startsWith(`${root}/`))),
    ),
  }));
  return { title, operator, token, revision, nav, notice: done === null ? undefined : NOTICES[done] };
}
