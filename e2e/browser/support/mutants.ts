/** Promises broken on purpose, in the built file. `npm run e2e:mutants` sees to it that each turns a test red. */
const mutants: Readonly<Record<string, readonly [code: string | RegExp, broken: string]>> = {
  'without commit': [/begun\.commit\?\.\(\)/g, 'void 0'],
  // Left unread, a body keeps its share of what Chromium allows for keepalive.
  'without reading the body': [
    /(\(url\d*, init\);\s+const text\d* = )await response\.text\(\)/,
    '$1JSON.stringify({ accepted: JSON.parse(request.body).records.map(({ id }) => id), rejected: [] })',
  ],
  'deleting before the answer': [
    'const answer = await transport.send(protocol.request(records), deps.requestTimeoutMs)',
    'await queue.settle(records, "delivered"); const answer = await transport.send(protocol.request(records), deps.requestTimeoutMs)',
  ],
  // Characters are one to four bytes: what leaves with a page that goes away would be more than browsers let go.
  'counting characters for bytes': [/utf8Length\d*\(json\d*\)/g, 'json.length'],
  'without the lock': ['globalThis.navigator?.locks', 'undefined'],
}

export function mutated(code: string): string {
  const name = process.env.RAINDROP_MUTANT
  if (!name) return code
  const [from, to] = mutants[name] ?? []
  const broken = from === undefined || to === undefined ? code : code.replace(from, to)
  if (broken === code) throw new Error(`mutant "${name}" finds nothing to break`)
  return broken
}
