import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toWellFormed } from '../core/values.js'
import { createFeedbackTokens } from './tokens.js'

const tokens = createFeedbackTokens({ secret: 'a secret of more than thirty-two characters' })
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 64 }).filter((text) => toWellFormed(text) === text)
const claims = fc.record({
  eventId: name,
  subject: fc.option(name, { nil: undefined }),
  signals: fc.option(fc.array(name, { minLength: 1, maxLength: 4 }), { nil: undefined }),
})
const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~,.:@+/=|% \0é'.split('')

type Mutation = (token: string) => string
const at = (token: string, place: number) => place % token.length
const mutations: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(fc.nat(), fc.constantFrom(...characters)).map(
    ([place, to]): Mutation =>
      (token) =>
        token.slice(0, at(token, place)) + to + token.slice(at(token, place) + 1),
  ),
  fc.tuple(fc.nat(), fc.constantFrom(...characters)).map(
    ([place, to]): Mutation =>
      (token) =>
        token.slice(0, at(token, place)) + to + token.slice(at(token, place)),
  ),
  fc.nat().map(
    (place): Mutation =>
      (token) =>
        token.slice(0, at(token, place)) + token.slice(at(token, place) + 1),
  ),
  fc.nat().map(
    (place): Mutation =>
      (token) =>
        token.slice(0, at(token, place)),
  ),
  fc.tuple(fc.nat(), fc.nat()).map(([one, other]): Mutation => (token) => {
    const signs = token.split('')
    const [a, b] = [at(token, one), at(token, other)]
    ;[signs[a], signs[b]] = [signs[b]!, signs[a]!]
    return signs.join('')
  }),
  fc.string().map(
    (rest): Mutation =>
      (token) =>
        token + rest,
  ),
  fc.string().map(
    (rest): Mutation =>
      (token) =>
        rest + token,
  ),
  fc.constant<Mutation>((token) => token.toUpperCase()),
  fc.constant<Mutation>((token) => token.replaceAll('%', '%25')),
  fc.constant<Mutation>((token) => token.normalize('NFD')),
)

describe('tokens', () => {
  it('say what they were minted for', async () => {
    await fc.assert(
      fc.asyncProperty(claims, async ({ eventId, subject, signals }) => {
        const token = await tokens.mint(eventId, { ...(subject ? { subject } : {}), ...(signals ? { signals } : {}) })
        expect(await tokens.verify(token, { subject })).toEqual({
          ok: true,
          eventId,
          expiresAt: expect.any(Date),
          ...(subject ? { subject } : {}),
          ...(signals ? { signals } : {}),
        })
      }),
      { numRuns: 300 },
    )
  })

  it('verify in no mutation', async () => {
    await fc.assert(
      fc.asyncProperty(
        claims,
        fc.array(mutations, { minLength: 1, maxLength: 3 }),
        async ({ eventId, subject }, steps) => {
          const token = await tokens.mint(eventId, subject ? { subject } : {})
          const mutated = steps.reduce((text, step) => step(text), token)
          fc.pre(mutated !== token)
          expect(await tokens.verify(mutated, { subject })).toMatchObject({ ok: false })
        },
      ),
      { numRuns: 3_000 },
    )
  })

  it('verify in no single other spelling of the signature', async () => {
    const token = await tokens.mint('e')
    for (let place = token.lastIndexOf('~'); place < token.length; place++) {
      for (const character of characters) {
        const mutated = token.slice(0, place) + character + token.slice(place + 1)
        if (mutated !== token) expect(await tokens.verify(mutated)).toMatchObject({ ok: false })
      }
    }
  })
})
