import { FLASH_MESSAGES } from './flash-messages.ts';

export interface LayoutParts {
  title: string;
  path: string;
  /** The name of the operator who is signed in. */
  operator: string | undefined;
  /** The token of the forms of the page. */
  token: string | undefined;
  revision: number;
  /** The name of the flash message of the action that led here. */
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
  { href: '/admin/audit', label: 'Audit log' },
];

/** The view of the layout, which surrounds every page. */
export function layoutView({ title, path, operator, token, revision, done }: LayoutParts) {
  const nav = SECTIONS.map(({ href, label, also }) => ({
    href,
    label,
    isCurrent: [href, also].some(
      (root) => root !== undefined && (path === root || (root !== '/admin' && path.startsWith(`${root}/`))),
    ),
  }));
  return { title, operator, token, revision, nav, flash: done === null ? undefined : FLASH_MESSAGES[done] };
}
