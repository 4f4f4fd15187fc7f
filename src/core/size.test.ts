import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_TEXT_CHARS, TRUNCATION_MARKER, capText, fitBody, fitsBytes, utf8Length } from './size.js'
import type { WireBody } from './types.js'
import { measureJson } from './utf8.js'

/** What TSDoc of `fitBody` allows to be lost beyond what had to be. */
const SLACK = 16

const units = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) })
const bytes = (text: string): number => Buffer.byteLength(text)
const size = (body: unknown): number => bytes(JSON.stringify(body))
const at = (body: unknown, path: string): unknown => path.split('.').reduce((holder: any, key) => holder[key], body)

function fit(body: WireBody, maxBytes: number): { body: any; json: string; truncated: readonly string[] } {
  const fitted = fitBody(structuredClone(body), maxBytes)
  if (!fitted) throw new Error('does not fit')
  expect(bytes(fitted.json)).toBeLessThanOrEqual(maxBytes)
  return { ...fitted, body: JSON.parse(fitted.json) }
}

describe('counting', () => {
  it('counts the bytes that an encoder makes, for any string', () => {
    fc.assert(
      fc.property(units, (text) => {
        expect(utf8Length(text)).toBe(bytes(text))
      }),
    )
  })

  it('counts a lone surrogate as three, a pair as four', () => {
    expect(utf8Length('\ud800')).toBe(3)
    expect(utf8Length('\udc00\ud800a')).toBe(7)
    expect(utf8Length('\ud83d\ude00')).toBe(4)
  })

  it.each(['a', 'é', '日', '😀', '\ud800'])('is exact at the limit for %j', (unit) => {
    const text = unit.repeat(100)
    expect(fitsBytes(text, bytes(text))).toBe(true)
    expect(fitsBytes(text, bytes(text) - 1)).toBe(false)
  })

  it('measures the JSON form, escapes included, as JSON.stringify writes it', () => {
    const escapes = fc.constantFrom(
      '\n',
      '\b',
      '\u0000',
      '\u001f',
      '"',
      '\\',
      '\u007f',
      '\u2028',
      'é',
      '日',
      '😀',
      '\ud800',
    )
    fc.assert(
      fc.property(fc.oneof(units, fc.string({ unit: escapes })), (text) => {
        expect(measureJson(text)).toEqual({ end: text.length, bytes: bytes(JSON.stringify(text)) - 2 })
      }),
    )
  })
})

describe('capText', () => {
  it('leaves a text of exactly the cap alone', () => {
    const text = 'a'.repeat(MAX_TEXT_CHARS)
    expect(capText(text)).toBe(text)
  })

  it('cuts to the cap, marker included', () => {
    const capped = capText('a'.repeat(MAX_TEXT_CHARS + 1))
    expect(capped).toHaveLength(MAX_TEXT_CHARS)
    expect(capped.endsWith(`a${TRUNCATION_MARKER}`)).toBe(true)
  })

  it.each(['', 'a'])('does not cut a pair in two (after %j)', (lead) => {
    const text = lead + '😀'.repeat(MAX_TEXT_CHARS)
    const capped = capText(text)
    const kept = capped.slice(0, -TRUNCATION_MARKER.length)
    expect(capped.length).toBeGreaterThanOrEqual(MAX_TEXT_CHARS - 1)
    expect(capped.length).toBeLessThanOrEqual(MAX_TEXT_CHARS)
    expect(text.startsWith(kept)).toBe(true)
    expect(Buffer.from(capped).toString()).toBe(capped)
  })
})

describe('fitBody', () => {
  const event = (): WireBody => ({
    event_id: 'ev1',
    user_id: 'user',
    event: 'chat',
    properties: {
      long: 'l'.repeat(3000),
      deep: { list: [{ longest: 'd'.repeat(4000) }], number: 1 },
      short: 's'.repeat(100),
      $context: { library: { name: 'n'.repeat(5000) } },
      $signal_id: 'i'.repeat(5000),
    },
    attachments: [
      { type: 'text', role: 'input', value: 'v'.repeat(2000), name: 'n'.repeat(6000) },
      { type: 'text', role: 'input', value: 'w'.repeat(2500) },
    ],
    ai_data: { input: 'i'.repeat(1000), output: 'o'.repeat(1500), model: 'm'.repeat(6000) },
  })

  it('returns the plain JSON of what fits, to the byte', () => {
    const body = event()
    expect(fitBody(body, size(body))).toEqual({ json: JSON.stringify(event()), truncated: [] })
    expect(fit(event(), size(body) - 1).truncated).toEqual(['properties.deep.list.0.longest'])
  })

  it('cuts the longest property first, no further than needed, and names it', () => {
    const maxBytes = size(event()) - 500
    const { body, json } = fit(event(), maxBytes)
    expect(bytes(json)).toBeGreaterThan(maxBytes - SLACK)
    expect(body.properties.deep.list[0].longest).toMatch(/^d{3000,}\.\.\.\[truncated by raindrop\]$/)
    expect(body.properties.$truncated).toEqual(['properties.deep.list.0.longest'])
    expect(body.properties.long).toBe(event().properties?.['long'])
  })

  it('goes on to shorter properties, then attachments, then input and output', () => {
    const order = [
      'properties.deep.list.0.longest',
      'properties.long',
      'properties.short',
      'attachments.1.value',
      'attachments.0.value',
      'ai_data.output',
      'ai_data.input',
    ]
    const seen = new Set<string>()
    for (let maxBytes = size(event()); fitBody(event(), maxBytes); maxBytes -= 40) {
      const { body, truncated } = fit(event(), maxBytes)
      expect(truncated).toEqual(order.slice(0, truncated.length))
      expect(body.properties.$truncated ?? []).toEqual(truncated)
      for (const path of order) {
        expect(String(at(body, path)).endsWith(TRUNCATION_MARKER)).toBe(truncated.includes(path))
        if (truncated.includes(path)) seen.add(path)
      }
    }
    expect([...seen]).toEqual(order)
  })

  it('never cuts ids, names, the model, or properties that start with $', () => {
    const kept = ['event_id', 'properties.$context', 'properties.$signal_id', 'attachments.0.name', 'ai_data.model']
    let maxBytes = size(event())
    while (fitBody(event(), maxBytes - 40)) maxBytes -= 40
    const { body } = fit(event(), maxBytes)
    for (const path of kept) expect(at(body, path)).toEqual(at(event(), path))
  })

  it.each(['a', 'é', '日', '😀', '\n', '"', '\\', '\u0000', '\u007f', '\u2028', '\ud800'])(
    'is exact at every limit for texts of %j',
    (unit) => {
      const make = (): WireBody => ({ event_id: 'ev1', properties: {}, ai_data: { input: unit.repeat(120) } })
      const whole = size(make())
      expect(fitBody(make(), whole)?.truncated).toEqual([])
      for (let maxBytes = whole - 1; maxBytes > whole - 60; maxBytes--) {
        const fitted = fitBody(make(), maxBytes)
        if (!fitted) continue
        expect(bytes(fitted.json)).toBeLessThanOrEqual(maxBytes)
        expect(bytes(fitted.json)).toBeGreaterThan(maxBytes - SLACK)
        const { input } = (JSON.parse(fitted.json) as { ai_data: { input: string } }).ai_data
        const kept = input.slice(0, -TRUNCATION_MARKER.length)
        expect(kept).toBe(unit.repeat(kept.length / unit.length))
      }
    },
  )

  it('gives up on what it may not cut', () => {
    expect(fitBody({ event_id: 'e'.repeat(200) }, 100)).toBeUndefined()
    expect(
      fitBody({ event_id: 'e', properties: { many: Array.from({ length: 500 }, () => 'short') } }, 1000),
    ).toBeUndefined()
    expect(fitBody(event(), 0)).toBeUndefined()
  })

  it('lists at most 50 names, and no very long ones', () => {
    const properties = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`${i}${'😀'.repeat(300)}`, 'x'.repeat(2000)]),
    )
    const { body, truncated } = fit({ event_id: 'e', properties }, size({ properties }) - 300_000)
    expect(body.properties.$truncated).toEqual(truncated)
    expect(truncated).toHaveLength(50)
    for (const name of truncated) {
      expect(name.length).toBeLessThanOrEqual(200)
      expect(Buffer.from(name).toString()).toBe(name)
    }
  })

  it('makes properties for the note where there are none', () => {
    for (const properties of [undefined, null]) {
      const body = { event_id: 'e', properties, ai_data: { input: 'i'.repeat(500) } } as unknown as WireBody
      expect(fit(body, 300).body.properties).toEqual({ $truncated: ['ai_data.input'] })
    }
  })

  it('keeps the names of an earlier cut, and one marker', () => {
    const first = fit(event(), size(event()) - 500).body as WireBody
    const { body } = fit({ ...first, attachments: [] }, size({ ...first, attachments: [] }) - 4000)
    expect(body.properties.$truncated).toEqual(['properties.deep.list.0.longest', 'properties.long'])
    expect(body.properties.deep.list[0].longest.split('[').length).toBe(2)
  })

  it('replaces a $truncated that is not ours', () => {
    const body = { event_id: 'e', properties: { $truncated: 'u'.repeat(500), a: 'a'.repeat(500) } }
    expect(fit(body, 700).body.properties).toEqual({ a: 'a'.repeat(500) })
    expect(fit(body, 300).body.properties.$truncated).toEqual(['properties.a'])
  })

  it('cuts traits, and adds no field to a body that may have no other', () => {
    const { body, truncated } = fit({ user_id: 'u', traits: { bio: 'b'.repeat(500), plan: 'paid' } }, 200)
    expect(Object.keys(body)).toEqual(['user_id', 'traits'])
    expect(Object.keys(body.traits)).toEqual(['bio', 'plan'])
    expect(body.traits.bio.endsWith(TRUNCATION_MARKER)).toBe(true)
    expect(truncated).toEqual(['traits.bio'])
  })

  it('cuts the longest attribute of spans, never their ids and names', () => {
    const attributes = [
      { key: 'traceloop.entity.input', value: { stringValue: 'x'.repeat(3000) } },
      { key: 'ids', value: { arrayValue: { values: [{ stringValue: 'y'.repeat(1000) }] } } },
    ]
    const spans = {
      resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'n'.repeat(4000), traceId: 't'.repeat(32), attributes }] }] }],
    }
    const { body, truncated } = fit(spans, size(spans) - 500)
    expect(Object.keys(body)).toEqual(['resourceSpans'])
    expect(truncated).toEqual(['resourceSpans.0.scopeSpans.0.spans.0.attributes.0.value.stringValue'])
    const span = body.resourceSpans[0].scopeSpans[0].spans[0]
    expect(span.name).toBe('n'.repeat(4000))
    expect(span.attributes[0].value.stringValue.endsWith(TRUNCATION_MARKER)).toBe(true)
  })

  it('pollutes nothing when the longest property is named __proto__', () => {
    const body = JSON.parse(`{"event_id":"e","properties":{"__proto__":"${'p'.repeat(500)}"}}`) as WireBody
    const fitted = fitBody(body, 200)
    expect(fitted?.json).toContain('"__proto__":"ppp')
    expect(Object.getPrototypeOf(body.properties)).toBe(Object.prototype)
  })

  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({ unit: fc.constantFrom('\n', '\u0000', '"', '😀', 'a'), maxLength: 200 }),
  )
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.integer(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string({ maxLength: 8 }), tie('value'), { maxKeys: 4 }),
    ),
  })).value
  const bodies = fc.record(
    {
      event_id: fc.constant('ev1'),
      properties: fc.dictionary(fc.string({ maxLength: 8 }), json, { maxKeys: 6 }),
      attachments: fc.array(fc.record({ type: fc.constant('text'), value: text }), { maxLength: 3 }),
      ai_data: fc.record({ input: text, output: text }, { requiredKeys: [] }),
    },
    { requiredKeys: ['event_id'] },
  )

  it('fits exactly, marks what it cuts, keeps prefixes, and touches nothing else, for any body and limit', () => {
    fc.assert(
      fc.property(bodies, fc.double({ min: 0.05, max: 1.05, noNaN: true }), (body, share) => {
        const original = JSON.parse(JSON.stringify(body)) as WireBody
        const maxBytes = Math.floor(size(original) * share)
        const fitted = fitBody(JSON.parse(JSON.stringify(body)) as WireBody, maxBytes)
        if (size(original) <= maxBytes) {
          expect(fitted).toEqual({ json: JSON.stringify(original), truncated: [] })
          return
        }
        if (!fitted) return
        expect(bytes(fitted.json)).toBeLessThanOrEqual(maxBytes)
        expect(bytes(fitted.json)).toBeGreaterThan(maxBytes - SLACK)
        const result = JSON.parse(fitted.json) as WireBody
        expect(fitted.json).not.toMatch(/\\ud[89a-f]/i)
        const cuts = compare(original, result)
        if (result.properties) expect(result.properties['$truncated'] ?? []).toEqual(fitted.truncated)
        expect(cuts.map(({ path }) => path).sort()).toEqual([...fitted.truncated].sort())
        for (const { before, after } of cuts) {
          expect(after.endsWith(TRUNCATION_MARKER)).toBe(true)
          expect(before.startsWith(after.slice(0, -TRUNCATION_MARKER.length))).toBe(true)
          expect(after.length).toBeLessThanOrEqual(before.length)
        }
      }),
      { numRuns: 500 },
    )
  })
})

/** Every string that differs; anything else that differs fails. */
function compare(before: unknown, after: any, path = ''): Array<{ path: string; before: string; after: string }> {
  if (typeof before === 'string' && before !== after) return [{ path, before, after: String(after) }]
  if (typeof before !== 'object' || before === null) {
    expect(after).toBe(before)
    return []
  }
  const added = path === 'properties' ? ['$truncated'] : path === '' ? ['properties'] : []
  expect(Object.keys(after as object).filter((key) => !added.includes(key))).toEqual(
    Object.keys(before).filter((key) => !added.includes(key)),
  )
  return Object.entries(before).flatMap(([key, value]) => compare(value, after[key], path ? `${path}.${key}` : key))
}
