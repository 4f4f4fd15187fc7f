import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { missingBinaries } from '../scripts/complete-lockfile.mjs'

const text = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')
const { packages } = JSON.parse(text) as { packages: Record<string, { resolved?: string; link?: boolean }> }

describe('the lockfile', () => {
  it('names no address to download from: the registry is whoever installs it', () => {
    const addresses = Object.values(packages).filter(({ resolved, link }) => resolved !== undefined && !link)
    expect(addresses).toEqual([])
    expect(text).not.toMatch(/"resolved": "\w+:/)
  })

  it('holds the binaries of every platform, or `npm ci` refuses it: run node scripts/complete-lockfile.mjs', () => {
    expect(missingBinaries({ packages }).map(([name]) => name)).toEqual([])
  })
})
