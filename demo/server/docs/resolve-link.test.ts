import { expect, it } from 'vitest'
import { resolveLink } from './resolve-link'

it('leads from page to page, and to a place in this one', () => {
  expect(resolveLink('docs/relay.md', 'next.md')).toBe('/docs/next')
  expect(resolveLink('docs/relay.md', '../README.md#install')).toBe('/docs#install')
  expect(resolveLink('docs/decisions/a.md', '../relay.md#options')).toBe('/docs/relay#options')
  expect(resolveLink('docs/relay.md', '#options')).toBe('/docs/relay#options')
})

it('leads nowhere else', () => {
  for (const href of ['https://example.com', 'mailto:a@example.com', '../src/core/client.ts', 'javascript:alert(1)'])
    expect(resolveLink('docs/relay.md', href)).toBeNull()
})
