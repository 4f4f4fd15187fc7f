/** Where this demo shows a page of the documentation, or one section of it: `docs/relay.md#options` is at `/docs/relay#options`. */
export function docsPath(id: string): string {
  const [file = '', anchor = ''] = id.split('#')
  const page = file === 'README.md' ? '/docs' : `/${file.replace(/\.md$/, '')}`
  return anchor ? `${page}#${encodeURIComponent(anchor)}` : page
}
